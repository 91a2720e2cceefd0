/** What this device, its network and its screen can play at once, and why not more. Pure. */
import type { Cost, Frames } from '@/features/camera/source';

/** What limits the number of cameras. The page shows it to the person. */
export type Reason = 'saver' | 'meteredNetwork' | 'plainHttp' | 'slowDevice' | 'screen';

/** So much of one resource is there for all cameras together. */
export interface Bound {
  readonly of: keyof Cost;
  readonly most: number;
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
 * A browser opens six connections to a host over HTTP/1.1. One is the stream of events, and one is left for everything
 * else: with three low-latency streams nothing got through, not even the list of printers. Over HTTP/2 and 3 the limit is
 * the decoder.
 */
const plainConnections = 4;

export const boundsIn = ({ saver, saveData, multiplexed, narrow, sustained }: Circumstances): readonly Bound[] => [
  { of: 'decoders', most: saver ? 0 : Infinity, reason: 'saver' },
  { of: 'decoders', most: saveData ? 1 : Infinity, reason: 'meteredNetwork' },
  { of: 'connections', most: multiplexed ? Infinity : plainConnections, reason: 'plainHttp' },
  { of: 'decoders', most: sustained, reason: 'slowDevice' },
  { of: 'decoders', most: narrow ? 4 : 9, reason: 'screen' },
];

/** What keeps down the number of cameras that cost as much as this one. */
export const reasonFor = (cost: Cost, bounds: readonly Bound[]): Reason | null =>
  bounds
    .map(({ of, most, reason }) => ({ places: cost[of] === 0 ? Infinity : Math.floor(most / cost[of]), reason }))
    .reduce<{ readonly places: number; readonly reason: Reason | null }>((tightest, bound) => (bound.places < tightest.places ? bound : tightest), { places: Infinity, reason: null }).reason;

export interface Sustained {
  readonly places: number;
  readonly goodSinceMs: number;
}

export const unlimited: Sustained = { places: Infinity, goodSinceMs: 0 };

/** More than one picture in twenty dropped: the decoder does not keep up. */
const droppedBound = 0.05;
/** Fewer frames than this are not enough for a judgement. */
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
