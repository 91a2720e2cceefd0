/** The newest key frame of a camera, as a film of one picture. */
import { Problem } from './problem';
import { openMedia } from './request';

export interface Still {
  readonly film: Blob;
  /** The entity tag to ask with next time. */
  readonly tag: string | null;
  /** When the picture was taken, by the service's clock. */
  readonly pictureMs: number | null;
}

/** `same`: nothing newer than what `tag` stands for. `none`: not to be had now; why is said where the camera is described. */
export type StillAnswer = Still | 'same' | 'none';

export async function askStill(id: number, tag: string | null, signal: AbortSignal): Promise<StillAnswer> {
  try {
    const answer = await openMedia(`/api/printers/${id}/still.mp4`, tag, signal);
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
