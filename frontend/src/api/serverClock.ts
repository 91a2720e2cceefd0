/**
 * How far this device's clock is from the service's, in order to say how old a picture is on a phone whose clock is wrong.
 *
 * An answer's `Date` has whole seconds, but it was written between sending and receiving: so each answer bounds the
 * offset from both sides, and the bounds of many answers intersect to far less than a second.
 */
export class ServerClock {
  #lowest = -Infinity;
  #highest = Infinity;

  /** Notes one answer: what its `Date` said, and when by this device's clock it was asked for and came. */
  observe(serverDateMs: number, sentMs: number, receivedMs: number): void {
    if (!Number.isFinite(serverDateMs) || receivedMs < sentMs) {
      return;
    }
    const lowest = serverDateMs - receivedMs;
    const highest = serverDateMs + 1_000 - sentMs;
    if (lowest > this.#highest || highest < this.#lowest) {
      // Bounds that exclude each other: one of the clocks was set. What is newest counts.
      this.#lowest = lowest;
      this.#highest = highest;
      return;
    }
    this.#lowest = Math.max(this.#lowest, lowest);
    this.#highest = Math.min(this.#highest, highest);
  }

  /** What to add to this device's clock. Zero when that is possible: most clocks are right, and then nothing wobbles. */
  get offsetMs(): number {
    if (this.#lowest <= 0 && this.#highest >= 0) {
      return 0;
    }
    return (this.#lowest + this.#highest) / 2;
  }

  now(): number {
    return Date.now() + this.offsetMs;
  }
}

/** One page, one service, one clock. */
export const serverClock = new ServerClock();
