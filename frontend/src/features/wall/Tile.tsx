import { type ReactNode, memo } from 'react';
import { Link } from 'wouter';
import type { Printer } from '@/api/schemas';
import { paths } from '@/browser/paths';
import styles from './Tile.module.css';
import type { Size } from './view';

export type Look = Size | 'row';

/** What a tile is made of; the app puts it together from features that do not know each other. */
export interface TileParts {
  readonly picture: (printer: Printer, place: number) => ReactNode;
  /** Beside the name. */
  readonly badge: (printer: Printer) => ReactNode;
  /** Below it. */
  readonly status: (printer: Printer, look: Look) => ReactNode;
  /** What helps where it fails: on the corner of its picture, or at the end of its line. */
  readonly remedy: (printer: Printer, look: Look) => ReactNode;
  /** Beside that, where there is room for fingers. */
  readonly controls: (printer: Printer) => ReactNode;
}

interface Props {
  readonly printer: Printer;
  readonly place: number;
  readonly look: Look;
  readonly needsYou: boolean;
  /** Twice as wide and high as the others. */
  readonly isLarge: boolean;
  /** Of all tiles one is reached by Tab, the others from there by the arrow keys. */
  readonly isCurrent: boolean;
  readonly onCurrent: (id: number) => void;
  readonly parts: TileParts;
}

/** One printer on the wall. The whole tile is the link to it. */
export const Tile = memo(function Tile({ printer, place, look, needsYou, isLarge, isCurrent, onCurrent, parts }: Props) {
  return (
    <li className={styles.tile} data-tile="" data-look={look} data-needs-you={needsYou} data-large={isLarge}>
      <div className={styles.picture}>{parts.picture(printer, place)}</div>
      <div className={styles.words}>
        <p className={styles.caption}>
          <Link
            href={paths.printer(printer.id)}
            className={styles.name}
            title={printer.name}
            tabIndex={isCurrent ? 0 : -1}
            onFocus={() => onCurrent(printer.id)}
          >
            <bdi>{printer.name}</bdi>
          </Link>
          {parts.badge(printer)}
        </p>
        {parts.status(printer, isLarge ? 'm' : look)}
      </div>
      <div className={styles.corner}>
        {parts.remedy(printer, look)}
        {look === 'm' || look === 'l' ? parts.controls(printer) : null}
      </div>
    </li>
  );
});
