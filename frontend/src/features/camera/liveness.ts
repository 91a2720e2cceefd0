/** What may be claimed about the picture that is to be seen. Pure. */
import type { Snapshot } from './player/playerView';
import type { Underneath } from './still/stillLayer';

export type Claim =
  | { readonly kind: 'live'; readonly latencyMs: number }
  /** Moving, but not live; `null` where nobody knows by how much. */
  | { readonly kind: 'behind'; readonly latencyMs: number | null }
  /** Standing still; `null` where nobody knows since when. */
  | { readonly kind: 'still'; readonly pictureMs: number | null };

/** `null`: there is no picture. */
export function claimFor({ state, latencyMs, isOnTop, pictureMs }: Snapshot, underneath: Underneath): Claim | null {
  if (state.kind === 'live' && latencyMs !== null) {
    return { kind: 'live', latencyMs };
  }
  if (state.kind === 'behind' || state.kind === 'live') {
    return { kind: 'behind', latencyMs };
  }
  if (isOnTop) {
    return { kind: 'still', pictureMs };
  }
  return underneath.hasPicture ? { kind: 'still', pictureMs: underneath.pictureMs } : null;
}

/** A still older than this is of the past, and drawn as such: it must not be taken for now. */
const pastAfterMs = 60_000;

export const isPast = (claim: Claim | null, nowMs: number): boolean =>
  claim?.kind === 'still' && (claim.pictureMs === null || nowMs - claim.pictureMs > pastAfterMs);
