import { cameraCondition } from '@/api/cameraCondition';
import type { Camera } from '@/api/schemas';
import { isLive } from '@/api/schemas';
import { isCameraFailing } from '@/fleet/failing';
import type { Grant } from './budget/liveBudget';
import { texts } from '@/texts';
import { type PictureView, isMoving } from './source';

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
  readonly view: PictureView;
  readonly camera: Camera | null;
  /** Why the service cannot be asked. */
  readonly unreachable: string | null;
  readonly grant: Grant;
}

const plain: Omit<Message, 'sentence'> = { busy: true, isRoutine: false, offersPlay: false, offersRemedy: false };

const waiting = (sentence: string): Message => ({ ...plain, sentence });

const connecting: Message = { ...plain, sentence: texts.camera.connecting, isRoutine: true };

/**
 * What lies over the picture while it does not move; `null` while it does, and over stills that come as they should.
 *
 * What the service knows about the camera stands above what the player guesses from outside.
 */
export function messageFor({ view, camera, unreachable, grant }: Seen): Message | null {
  const { state } = view;
  if (isMoving(state)) {
    return null;
  }
  if (state.kind === 'failed') {
    return { ...plain, sentence: texts.camera[state.reason], busy: false, offersPlay: state.reason === 'needsTap' };
  }
  if (unreachable !== null) {
    return waiting(unreachable);
  }
  if (camera !== null && !isLive(camera) && camera.sentence !== '') {
    const condition = cameraCondition(camera);
    return { ...plain, sentence: camera.sentence, busy: condition !== 'none' && condition !== 'off', offersRemedy: isCameraFailing(camera) };
  }
  if (grant !== 'live' || state.kind === 'stills') {
    return view.liveness !== null ? null : connecting;
  }
  if (view.waitsFor !== null) {
    return { ...plain, sentence: texts.camera.waits[view.waitsFor], offersRemedy: true };
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
