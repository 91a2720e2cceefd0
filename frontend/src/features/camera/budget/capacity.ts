/** How many cameras this device, its network and its screen can play at once, and why not more. Pure. */

/** What keeps the number down, for the person who wonders. */
export type Reason = 'saver' | 'meteredNetwork' | 'plainHttp' | 'slowDevice' | 'screen';

export interface Capacity {
  readonly places: number;
  readonly reason: Reason;
}

export interface Circumstances {
  /** The person asked for stills only, on this device. */
  readonly saver: boolean;
  /** The browser was told to save data. */
  readonly saveData: boolean;
  readonly multiplexed: boolean;
  readonly narrow: boolean;
  /** As many as the decoder has been seen to keep up with; `Infinity` while it keeps up. */
  readonly sustained: number;
}

/**
 * A browser opens six connections to a host over HTTP/1.1, and a low-latency stream keeps two of them busy: with three
 * such streams nothing else gets through, not even the list of printers. Over HTTP/2 and 3 the limit is the decoder.
 */
export function capacityIn({ saver, saveData, multiplexed, narrow, sustained }: Circumstances): Capacity {
  const bounds: readonly Capacity[] = [
    { places: saver ? 0 : Infinity, reason: 'saver' },
    { places: saveData ? 1 : Infinity, reason: 'meteredNetwork' },
    { places: multiplexed ? Infinity : 2, reason: 'plainHttp' },
    { places: sustained, reason: 'slowDevice' },
    { places: narrow ? 4 : 9, reason: 'screen' },
  ];
  return bounds.reduce((tightest, bound) => (bound.places < tightest.places ? bound : tightest));
}

/** Pictures of all that play, since they play. */
export interface Frames {
  readonly total: number;
  readonly dropped: number;
}

export interface Sustained {
  readonly places: number;
  readonly goodSinceMs: number;
}

export const unlimited: Sustained = { places: Infinity, goodSinceMs: 0 };

/** More than one picture in twenty dropped: the decoder does not keep up. */
const droppedBound = 0.05;
/** Fewer pictures than this say nothing. */
const enoughFrames = 60;
/** After so long without trouble one more is tried. */
const tryMoreMs = 60_000;

/** What the last seconds teach: `playing` cameras showed and dropped so many pictures. */
export function learn(before: Sustained, playing: number, { total, dropped }: Frames, nowMs: number): Sustained {
  if (total < enoughFrames) {
    return before;
  }
  if (dropped / total > droppedBound) {
    return { places: Math.max(1, Math.ceil(playing / 2)), goodSinceMs: nowMs };
  }
  return nowMs - before.goodSinceMs < tryMoreMs ? before : { places: before.places + 1, goodSinceMs: nowMs };
}
