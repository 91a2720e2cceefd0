import type { Camera } from '@/api/schemas';
import { isLive } from '@/api/schemas';
import { isCameraFailing } from '@/fleet/failing';
import type { Grant } from './budget/liveBudget';
import { texts } from '@/texts/en';
import type { PlayerView } from './player/playerView';

export interface Message {
  readonly sentence: string;
  /** Something is under way, and no action of the person's would help. */
  readonly busy: boolean;
  /** As it is each time a picture begins: no word is needed where there is a still meanwhile. */
  readonly isRoutine: boolean;
  readonly offersPlay: boolean;
  /** It lasts, and a person might want to look into it. */
  readonly offersRemedy: boolean;
}

interface Seen {
  readonly snapshot: PlayerView;
  readonly camera: Camera | null;
  /** Why the service cannot be asked. */
  readonly unreachable: string | null;
  readonly grant: Grant;
  /** Something is to be seen, if only the last picture. */
  readonly hasPicture: boolean;
}

export const isPlaying = ({ state }: PlayerView): boolean => state.kind === 'live' || state.kind === 'behind';

const plain: Omit<Message, 'sentence'> = { busy: true, isRoutine: false, offersPlay: false, offersRemedy: false };

const waiting = (sentence: string): Message => ({ ...plain, sentence });

const connecting: Message = { ...plain, sentence: texts.camera.connecting, isRoutine: true };

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
    return { ...plain, sentence: texts.camera[state.reason], busy: false, offersPlay: state.reason === 'needsTap' };
  }
  if (unreachable !== null) {
    return waiting(unreachable);
  }
  if (camera !== null && !isLive(camera) && camera.sentence !== '') {
    return { ...plain, sentence: camera.sentence, offersRemedy: isCameraFailing(camera) };
  }
  if (grant !== 'live' || state.kind === 'stills') {
    return hasPicture ? null : connecting;
  }
  if (snapshot.waitsFor !== null) {
    return { ...plain, sentence: texts.camera.waits[snapshot.waitsFor], offersRemedy: true };
  }
  switch (state.kind) {
    case 'reconnecting':
      return waiting(state.sentence ?? texts.camera.reconnecting);
    case 'stalled':
      return waiting(texts.camera.stalled);
    default:
      return connecting;
  }
}
