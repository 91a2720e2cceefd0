/** Computes the line of a sparkline. Pure. */

export interface Range {
  readonly low: number;
  readonly high: number;
}

export interface Box {
  readonly width: number;
  readonly height: number;
}

type Values = readonly (number | null)[];

/** Returns the range from the lowest to the highest value, including `also` and at least `least`: a change of one degree must not look like a mountain. */
export function rangeOf(values: Values, also: number | null, least: number): Range | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) {
    return null;
  }
  const all = also === null ? known : [...known, also];
  const low = Math.min(...all);
  const high = Math.max(...all);
  const more = Math.max(0, least - (high - low)) / 2;
  return { low: low - more, high: high + more };
}

export const heightAt = (value: number, { low, high }: Range, { height }: Box): number =>
  round(height - ((value - low) / (high - low)) * height);

/** One line for each stretch without a gap; the newest value is at the right end of a box for `room` values. */
export function stretchesOf(values: Values, room: number, range: Range, box: Box): readonly (readonly (readonly [number, number])[])[] {
  const stretches: [number, number][][] = [];
  let open = false;
  for (const [index, value] of values.entries()) {
    if (value !== null) {
      const x = round(((room - values.length + index) / Math.max(1, room - 1)) * box.width);
      if (!open) {
        stretches.push([]);
      }
      stretches.at(-1)?.push([x, heightAt(value, range, box)]);
    }
    open = value !== null;
  }
  return stretches;
}

type Stretch = readonly (readonly [number, number])[];

/** A stretch of one value is a dot. */
export const lineOf = (stretch: Stretch): string => `M${stretch.map(([x, y]) => `${x} ${y}`).join('L')}${stretch.length === 1 ? 'h0.01' : ''}`;

export const areaOf = (stretch: Stretch, { height }: Box): string =>
  `M${stretch[0]?.[0] ?? 0} ${height}L${stretch.map(([x, y]) => `${x} ${y}`).join('L')}V${height}Z`;

const round = (n: number): number => Math.round(n * 10) / 10;
