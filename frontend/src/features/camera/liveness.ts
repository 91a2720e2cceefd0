/** What may be claimed about the picture that is to be seen. Pure. */
import type { PlayerView } from './player/playerView';
import type { StillView } from './still/stillLayer';

export type Liveness =
  | { readonly kind: 'live'; readonly latencyMs: number }
  /** Moving, but not live; `null` where nobody knows by how much. */
  | { readonly kind: 'behind'; readonly latencyMs: number | null }
  /** Standing still; `null` where nobody knows since when. */
  | { readonly kind: 'still'; readonly pictureMs: number | null };

/** `null`: there is no picture. */
export function livenessOf({ state, latencyMs, isOnTop, pictureMs }: PlayerView, stillView: StillView): Liveness | null {
  if (state.kind === 'live' && latencyMs !== null) {
    return { kind: 'live', latencyMs };
  }
  if (state.kind === 'behind' || state.kind === 'live') {
    return { kind: 'behind', latencyMs };
  }
  if (isOnTop) {
    return { kind: 'still', pictureMs };
  }
  return stillView.hasPicture ? { kind: 'still', pictureMs: stillView.pictureMs } : null;
}

/** A still older than this is of the past, and drawn as such: it must not be taken for now. */
const pastAfterMs = 60_000;

export const isPast = (liveness: Liveness | null, nowMs: number): boolean =>
  liveness?.kind === 'still' && (liveness.pictureMs === null || nowMs - liveness.pictureMs > pastAfterMs);
