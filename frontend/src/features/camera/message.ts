import type { Camera } from '@/api/schemas';
import { isLive } from '@/api/schemas';
import type { Grant } from '@/state/liveBudget';
import { texts } from '@/texts/en';
import type { Snapshot } from './player/snapshot';

export interface Message {
  readonly sentence: string;
  /** Something is under way, and no action of the person's would help. */
  readonly busy: boolean;
  readonly offersPlay: boolean;
}

interface Seen {
  readonly snapshot: Snapshot;
  readonly camera: Camera | null;
  /** Why the service cannot be asked. */
  readonly unreachable: string | null;
  readonly grant: Grant;
  /** Something is to be seen, if only the last picture. */
  readonly hasPicture: boolean;
}

export const isPlaying = ({ state }: Snapshot): boolean => state.kind === 'live' || state.kind === 'behind';

const waiting = (sentence: string): Message => ({ sentence, busy: true, offersPlay: false });

/**
 * What lies over the picture while it does not move; `null` while it does, and over stills that come as they should.
 *
 * What the service knows about the camera stands above what the player guesses from outside.
 */
export function messageFor({ snapshot, camera, unreachable, grant, hasPicture }: Seen): Message | null {
  const { state } = snapshot;
  if (isPlaying(snapshot)) {
    return null;
  }
  if (state.kind === 'failed') {
    return { sentence: texts.camera[state.reason], busy: false, offersPlay: state.reason === 'needsTap' };
  }
  if (unreachable !== null) {
    return waiting(unreachable);
  }
  if (camera !== null && !isLive(camera) && camera.sentence !== '') {
    return waiting(camera.sentence);
  }
  if (grant !== 'live') {
    return hasPicture ? null : waiting(texts.camera.connecting);
  }
  switch (state.kind) {
    case 'reconnecting':
      return waiting(state.sentence ?? texts.camera.reconnecting);
    case 'stalled':
      return waiting(texts.camera.stalled);
    default:
      return waiting(texts.camera.connecting);
  }
}
