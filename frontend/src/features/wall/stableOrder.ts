/**
 * The order in which the tiles lie, which must not follow each report: nobody may tap a printer that was another one a
 * moment ago. Tiles stay where they are while a finger, the pointer or the keyboard is on them, and move at most every
 * ten seconds. Pure: it is told the time.
 */

/** Between two moves. */
export const calmMs = 10_000;
/** A pointer that has not moved for this long no longer holds the order. */
export const parkedMs = 60_000;

export interface StableOrder {
  /** As it is shown. */
  readonly order: string;
  /** What is ordered. If it changes, such as by another filter, the new order applies at once. */
  readonly question: string;
  readonly movedMs: number;
}

export const noOrder: StableOrder = { order: '', question: '', movedMs: -Infinity };

/** What is to be shown when `order` would be right. The same object while nothing moves. */
export function nextOrder(before: StableOrder, order: string, question: string, heldUntilMs: number, nowMs: number): StableOrder {
  if (question !== before.question) {
    return { order, question, movedMs: nowMs };
  }
  const isHeld = nowMs < heldUntilMs || nowMs - before.movedMs < calmMs;
  return order === before.order || isHeld ? before : { order, question, movedMs: nowMs };
}
