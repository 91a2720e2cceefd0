/** The newest key frame of a camera, as a video of one frame. */
import { endpoints } from './address';
import { Problem } from './problem';
import { openMedia } from './request';

export interface Still {
  readonly film: Blob;
  /** The entity tag to ask with next time. */
  readonly tag: string | null;
  /** When the picture was taken, by the service's clock. */
  readonly pictureMs: number | null;
}

/** `same`: there is nothing newer than `tag`. `none`: there is no still now; the camera's report says why. */
export type StillAnswer = Still | 'same' | 'none';

export async function askStill(id: number, tag: string | null, signal: AbortSignal): Promise<StillAnswer> {
  try {
    const answer = await openMedia(endpoints.still(id), tag, signal);
    if (answer === null) {
      return 'same';
    }
    const pictureMs = Date.parse(answer.headers.get('X-Picture-Time') ?? '');
    return {
      film: new Blob([await answer.arrayBuffer()], { type: 'video/mp4' }),
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
