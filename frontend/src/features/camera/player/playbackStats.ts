/** Counts what a player does over the last seconds, for the figures of the player. Pure but for the clock it is given. */

/** Chromium reports a wait of some 10 ms, over a full buffer, when the playback rate changes: nobody sees that. */
const stallMs = 200;
const windowMs = 5_000;
/** A shorter part of a window gives no reliable figure. */
const enoughMs = 1_000;

interface Mark {
  readonly atMs: number;
  readonly frames: number;
  readonly bytes: number | null;
}

export class PlaybackStats {
  #marks: readonly Mark[] = [];
  #waitingSinceMs: number | null = null;
  #stalls = 0;
  #builds = 0;

  /** Times the picture, once begun, stood still for `stallMs` for want of data. */
  get stalls(): number {
    return this.#stalls;
  }

  /** Times a player was built anew after the first. */
  get reconnects(): number {
    return Math.max(0, this.#builds - 1);
  }

  begin(): void {
    this.#stalls = 0;
    this.#builds = 0;
  }

  built(): void {
    this.#builds += 1;
    this.#marks = [];
    this.#waitingSinceMs = null;
  }

  waits(nowMs: number): void {
    this.#waitingSinceMs = nowMs;
  }

  plays(nowMs: number): void {
    this.#countStall(nowMs);
    this.#waitingSinceMs = null;
  }

  mark(frames: number, bytes: number | null, nowMs: number): void {
    this.#countStall(nowMs);
    this.#marks = [...this.#marks.filter(({ atMs }) => nowMs - atMs < windowMs), { atMs: nowMs, frames, bytes }];
  }

  get framesPerSecond(): number | null {
    return this.#rate(({ frames }) => frames);
  }

  get bytesPerSecond(): number | null {
    return this.#rate(({ bytes }) => bytes);
  }

  #rate(of: (mark: Mark) => number | null): number | null {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    const [from, to] = [first && of(first), last && of(last)];
    if (first === undefined || last === undefined || from == null || to == null || last.atMs - first.atMs < enoughMs) {
      return null;
    }
    return Math.max(0, (1_000 * (to - from)) / (last.atMs - first.atMs));
  }

  #countStall(nowMs: number): void {
    if (this.#waitingSinceMs !== null && nowMs - this.#waitingSinceMs >= stallMs) {
      this.#stalls += 1;
      this.#waitingSinceMs = null;
    }
  }
}
