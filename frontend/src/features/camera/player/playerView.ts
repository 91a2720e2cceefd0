/** What a player tells. */
import type { Delivery, PlayerState } from './machine';

/** Pictures that came to be shown, and those of them that were not. */
export interface Frames {
  readonly total: number;
  readonly dropped: number;
}

/** What a picture that does not come is waited for at. */
export type WaitsFor = 'code' | 'playlist' | 'media' | 'decoder';

/** Immutable, and replaced when something visible changed. */
export interface PlayerView {
  readonly state: PlayerState;
  readonly delivery: Delivery;
  /** The delivery is not the one that was asked for: that did not work. */
  readonly isFallen: boolean;
  readonly latencyMs: number | null;
  readonly stalls: number;
  /** Where it is stuck, when there has been no picture for some seconds. */
  readonly waitsFor: WaitsFor | null;
  /** The video has a picture and may lie on top of the still. */
  readonly isOnTop: boolean;
  /** When the picture of a video that stands still was taken, where that is known. */
  readonly pictureMs: number | null;
  readonly canGoLive: boolean;
}

export const resting: PlayerView = {
  state: { kind: 'idle' },
  delivery: 'lowLatency',
  isFallen: false,
  latencyMs: null,
  stalls: 0,
  waitsFor: null,
  isOnTop: false,
  pictureMs: null,
  canGoLive: false,
};

/** What is worth knowing when somebody looks into it, and too much to tell at each change. */
export interface Stats {
  readonly framesPerSecond: number | null;
  readonly bytesPerSecond: number | null;
  readonly bufferedMs: number;
  readonly latencyMs: number | null;
  readonly targetLatencyMs: number | null;
  readonly frames: Frames;
  readonly stalls: number;
  readonly reconnects: number;
}

export const isSame = (a: PlayerView, b: PlayerView): boolean => (Object.keys(a) as (keyof PlayerView)[]).every((key) => Object.is(a[key], b[key]));
