/** What a player tells. */
import type { PictureView } from '@/features/camera/source';

/** Immutable, and replaced when something visible changed. */
export interface PlayerView extends Omit<PictureView, 'liveness' | 'isInWindow'> {
  /** When the picture of a video that stands still was taken, where that is known. */
  readonly pictureMs: number | null;
}

export const resting: PlayerView = {
  state: { kind: 'idle' },
  delivery: 'stills',
  isFallen: false,
  latencyMs: null,
  stalls: 0,
  waitsFor: null,
  isVideo: false,
  pictureMs: null,
  canGoLive: false,
  // Until the rung is known, the cost of the most expensive one is assumed.
  cost: { decoders: 1, connections: 2 },
};

export const isSame = (a: PlayerView, b: PlayerView): boolean => (Object.keys(a) as (keyof PlayerView)[]).every((key) => Object.is(a[key], b[key]));
