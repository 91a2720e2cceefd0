import { type ReactNode, useId } from 'react';
import surface from './Surface.module.css';
import styles from './Card.module.css';

interface Props {
  readonly title: string;
  /** At the title's end. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** A titled part of a page. */
export function Card({ title, aside, children }: Props) {
  const id = useId();
  return (
    <section className={`${surface.surface} ${styles.card}`} aria-labelledby={id}>
      <div className={styles.head}>
        <h2 id={id} className={styles.title}>
          {title}
        </h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
