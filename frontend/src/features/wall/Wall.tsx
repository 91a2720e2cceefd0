import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Printer } from '@/api/schemas';
import { texts } from '@/texts/en';
import styles from './Wall.module.css';

interface Props {
  readonly printers: readonly Printer[];
  readonly picture: (printer: Printer, place: number) => ReactNode;
  /** Beside the name. */
  readonly badge: (printer: Printer) => ReactNode;
  /** Below it. */
  readonly status: (printer: Printer) => ReactNode;
}

/** Every printer as a tile. */
export function Wall({ printers, picture, badge, status }: Props) {
  return (
    <section className={styles.page} data-count={printers.length}>
      <h1 className={styles.title}>
        {texts.wall.title} <span className={styles.count}>{printers.length}</span>
      </h1>
      <ul className={styles.wall}>
        {printers.map((printer, place) => (
          <li key={printer.id} className={styles.tile}>
            {picture(printer, place)}
            <p className={styles.caption}>
              <Link href={`/p/${printer.id}`} className={styles.name}>
                {printer.name}
              </Link>
              {badge(printer)}
            </p>
            {status(printer)}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Tiles at their final size while the list is on its way. */
export function WallSkeleton() {
  return (
    <ul className={styles.wall} aria-busy="true" aria-label={texts.wall.loading}>
      {[1, 2].map((place) => (
        <li key={place} className={`${styles.tile} ${styles.skeleton}`} />
      ))}
    </ul>
  );
}
