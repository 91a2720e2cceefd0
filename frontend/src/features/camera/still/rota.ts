/** Whose still is asked for next. Pure. */

export interface Turn {
  readonly dueMs: number;
  readonly busy: boolean;
}

const shortestMs = 5_000;
const longestMs = 15_000;

/** How old a still may become: 5 s for up to four of them, 10 s for 16, 15 s for 64 and more. */
export const everyMs = (places: number): number =>
  Math.min(longestMs, Math.max(shortestMs, 2_500 * Math.log2(Math.max(1, places))));

/** When a place that has just had its turn comes again: a fifth earlier or later, so that those that came together spread. */
export const nextDueMs = (nowMs: number, places: number, random: number): number =>
  nowMs + Math.round(everyMs(places) * (0.8 + 0.4 * random));

/** The place whose turn it is, or how long there is nothing to do; `null` when nobody waits. */
export function choose<P extends Turn>(places: Iterable<P>, nowMs: number): P | number | null {
  let first: P | null = null;
  for (const place of places) {
    if (!place.busy && (first === null || place.dueMs < first.dueMs)) {
      first = place;
    }
  }
  if (first === null) {
    return null;
  }
  return first.dueMs <= nowMs ? first : first.dueMs - nowMs;
}
