/** Prevents repeated announcements of a state that comes and goes. Pure: time is an argument. */

/**
 * A state that ended less than this ago has to last for as long before it is announced again. Owners of an H2S saw a message
 * come back within 1 to 30 s, for hours. 30 s of grace were enough to stop that; this is half as much again.
 */
export const steadyMs = 45_000;

export class Damping {
  /** When each state ended. */
  readonly #ends = new Map<string, number>();
  #now: string | null = null;
  #tellMs = 0;

  /** Records that the state is `what` now. Returns how long it has to last before it is announced: not at all, unless it had ended a moment ago. */
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
