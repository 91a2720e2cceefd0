/** How a number of printers is laid out on a screen. Pure. */
import type { Layout, Size, View } from './view';

export interface Screen {
  readonly width: number;
  readonly height: number;
}

export interface Fit {
  readonly layout: Layout;
  readonly size: Size;
  readonly columns: number;
  /** So that all are seen at once; `null` where there is to be scrolled anyway. */
  readonly maxWidth: number | null;
  /** How many tiles, from the first, may be twice as wide where they need somebody. */
  readonly wide: number;
}

/** Below this the screen is a phone: one thumb, one column. As in the style sheets. */
export const phoneWidth = 768;
const deskWidth = 1_024;

/** What the page needs around its tiles, as its style sheets have it. */
const edge = { phone: 12, desk: 16 };
const around = { phone: 120, tablet: 108, desk: 72 };
const gaps: Readonly<Record<Size, number>> = { s: 8, m: 16, l: 16 };

const narrowest: Readonly<Record<Size, number>> = { s: 150, m: 400, l: 600 };
/** What stands under the picture of a large tile. */
const largeCaption = 132;
const ratio = 16 / 9;

/** Up to so many large tiles are made to fit the screen. */
const fewest = 4;
const mostMedium = 9;
/** More than this in small tiles on a phone is a list. */
const phoneMost = 16;
/** On a large screen full of small tiles, this many printers that need somebody are shown large. */
const mostWide = 4;

const suitedSize = (count: number, isPhone: boolean): Size => {
  if (isPhone) {
    return count <= fewest ? 'm' : 's';
  }
  return count <= fewest ? 'l' : count <= mostMedium ? 'm' : 's';
};

/** `needing`: how many printers need somebody. */
export function fit(count: number, needing: number, asked: Pick<View, 'layout' | 'size'>, { width, height }: Screen): Fit {
  const isPhone = width < phoneWidth;
  const size = asked.size === 'auto' ? suitedSize(count, isPhone) : asked.size;
  const suited = isPhone && asked.size === 'auto' && count > phoneMost ? 'list' : 'wall';
  const layout = asked.layout === 'auto' ? suited : asked.layout;
  const inner = width - 2 * (isPhone ? edge.phone : edge.desk);
  const gap = gaps[size];
  const most = Math.max(1, Math.floor((inner + gap) / (narrowest[size] + gap)));

  if (isPhone) {
    const columns = size === 's' ? Math.max(2, most) : most;
    return { layout, size, columns, maxWidth: null, wide: size === 's' ? count : 0 };
  }
  const room = height - (width < deskWidth ? around.tablet : around.desk);
  if (size === 's') {
    const plain = filling(count, { inner, room, gap, caption: 0, least: 2, most, narrowest: narrowest.s });
    // On few columns a tile is large enough to be noticed as it is.
    if (plain.columns < 6 || needing === 0) {
      return { layout, size, ...plain, wide: 0 };
    }
    const wide = Math.min(needing, mostWide);
    return { layout, size, ...filling(count + 3 * wide, { inner, room, gap, caption: 0, least: 6, most, narrowest: narrowest.s }), wide };
  }
  if (size === 'l' && count <= fewest) {
    const least = Math.min(2, count);
    return { layout, size, ...filling(count, { inner, room, gap, caption: largeCaption, least, most: least, narrowest: narrowest.m }), wide: 0 };
  }
  return { layout, size, columns: Math.min(most, Math.max(2, count)), maxWidth: null, wide: 0 };
}

interface Room {
  readonly inner: number;
  readonly room: number;
  readonly gap: number;
  readonly caption: number;
  readonly least: number;
  readonly most: number;
  readonly narrowest: number;
}

/** The number of columns that gives the largest tiles without scrolling; where there is none, as many columns as there may be. */
function filling(cells: number, { inner, room, gap, caption, least, most, narrowest: enough }: Room): Pick<Fit, 'columns' | 'maxWidth'> {
  let best = { columns: Math.max(least, most), maxWidth: null as number | null };
  let widest = 0;
  for (let columns = least; columns <= Math.max(least, most); columns += 1) {
    const rows = Math.ceil(cells / columns);
    const high = (room - (rows - 1) * gap) / rows;
    const byWidth = (inner - (columns - 1) * gap) / columns;
    const tile = Math.floor(Math.min(byWidth, (high - caption) * ratio));
    if (tile > widest && tile >= Math.min(enough, byWidth)) {
      widest = tile;
      best = { columns, maxWidth: columns * tile + (columns - 1) * gap };
    }
  }
  return best;
}
