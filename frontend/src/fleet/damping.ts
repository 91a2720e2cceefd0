/** Keeps what comes and goes from being told again and again. Pure: it is told the time. */

/**
 * What was so less than this ago has to hold for as long before it is told again. Owners of an H2S saw a message come
 * back within 1 to 30 s, for hours, and 30 s of grace were enough to calm it: this is half as much again.
 */
export const steadyMs = 45_000;

export class Damping {
  /** When each thing ended. */
  readonly #ends = new Map<string, number>();
  #now: string | null = null;
  #tellMs = 0;

  /** It is `what` now. For how long that has to hold before it is told: not at all, unless it was so a moment ago. */
  enter(what: string, nowMs: number): number {
    if (what !== this.#now) {
      if (this.#now !== null) {
        this.#ends.set(this.#now, nowMs);
      }
      for (const [each, endMs] of this.#ends) {
        if (nowMs - endMs >= steadyMs) {
          this.#ends.delete(each);
        }
      }
      this.#now = what;
      this.#tellMs = this.#ends.has(what) ? nowMs + steadyMs : nowMs;
    }
    return Math.max(0, this.#tellMs - nowMs);
  }
}
