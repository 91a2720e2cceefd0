/** What may be claimed about a video over its stills. Pure. */
import type { PlayerView } from './player/playerView';
import type { Liveness } from './source';
import type { StillView } from './still/stillLayer';

/** `null`: there is no picture. */
export function livenessOf({ state, latencyMs, isVideo, pictureMs }: PlayerView, stillView: StillView): Liveness | null {
  if (state.kind === 'live' && latencyMs !== null) {
    return { kind: 'live', latencyMs };
  }
  if (state.kind === 'behind' || state.kind === 'live') {
    return { kind: 'behind', latencyMs };
  }
  if (isVideo) {
    return { kind: 'still', pictureMs };
  }
  return stillView.hasPicture ? { kind: 'still', pictureMs: stillView.pictureMs } : null;
}

/** Where nobody has measured how often pictures come. */
const usualMs = 5_000;

/** Whether a single picture is older than such a camera's pictures are. */
export const isLate = (everyMs: number | null, pictureMs: number | null, nowMs: number): boolean => pictureMs !== null && nowMs - pictureMs > 2 * (everyMs ?? usualMs) + 1_000;

/** A picture older than this is drawn pale, so that nobody takes it for the present. */
const pastAfterMs = 60_000;

export const isPast = (liveness: Liveness | null, nowMs: number): boolean =>
  (liveness?.kind === 'still' || liveness?.kind === 'stepwise') && (liveness.pictureMs === null || nowMs - liveness.pictureMs > pastAfterMs);
