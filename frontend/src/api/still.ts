/** The newest picture of a camera: of one with video its newest key frame, as a video of one frame; of another one a JPEG. */
import { endpoints } from './address';
import { Problem } from './problem';
import { type Path, openMedia } from './request';

export interface Still {
  readonly file: Blob;
  /** The entity tag to ask with next time. */
  readonly tag: string | null;
  /** When the picture was taken, by the service's clock. */
  readonly pictureMs: number | null;
}

/** `same`: there is nothing newer than `tag`. `none`: there is no still now; the camera's report says why. */
export type StillAnswer = Still | 'same' | 'none';

export type AskStill = (id: number, tag: string | null, signal: AbortSignal) => Promise<StillAnswer>;

export const askStill: AskStill = (id, tag, signal) => ask(endpoints.still(id), 'video/mp4', tag, signal);

/** Of a camera that sends single pictures: as it came. */
export const askPicture: AskStill = (id, tag, signal) => ask(endpoints.picture(id), 'image/jpeg', tag, signal);

async function ask(path: Path, type: string, tag: string | null, signal: AbortSignal): Promise<StillAnswer> {
  try {
    const answer = await openMedia(path, tag, signal);
    if (answer === null) {
      return 'same';
    }
    const pictureMs = Date.parse(answer.headers.get('X-Picture-Time') ?? '');
    return {
      file: new Blob([await answer.arrayBuffer()], { type }),
      tag: answer.headers.get('ETag'),
      pictureMs: Number.isNaN(pictureMs) ? null : pictureMs,
    };
  } catch (thrown) {
    if (thrown instanceof Problem) {
      return 'none';
    }
    throw thrown;
  }
}
