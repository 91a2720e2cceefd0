/**
 * The offset of the service's clock from this device's. It is needed to say how old a picture is if the device's clock is wrong.
 *
 * An answer's `Date` has whole seconds. But it was written between the request and the answer, so each answer gives an
 * upper and a lower bound of the offset. The bounds of many answers intersect to far less than a second.
 */
export class ServerClock {
  #lowest = -Infinity;
  #highest = Infinity;

  /** Records an answer: its `Date`, and the times of the request and the answer by this device's clock. */
  observe(serverDateMs: number, sentMs: number, receivedMs: number): void {
    if (!Number.isFinite(serverDateMs) || receivedMs < sentMs) {
      return;
    }
    const lowest = serverDateMs - receivedMs;
    const highest = serverDateMs + 1_000 - sentMs;
    if (lowest > this.#highest || highest < this.#lowest) {
      // If the bounds exclude each other, one of the clocks was set. Then the newest answer counts.
      this.#lowest = lowest;
      this.#highest = highest;
      return;
    }
    this.#lowest = Math.max(this.#lowest, lowest);
    this.#highest = Math.min(this.#highest, highest);
  }

  /** Returns what to add to this device's clock. It is zero if the bounds allow it: most clocks are right, and zero does not fluctuate. */
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
