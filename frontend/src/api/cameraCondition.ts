/** What a camera's step means. This is the only place that knows. Pure. */
import type { Camera } from './schemas';

/** `off`: switched off at the printer, where a person can turn it on. `none`: the printer has no camera. `updating`: it installs firmware. */
export type CameraCondition = 'live' | 'starting' | 'failing' | 'off' | 'none' | 'updating';

export function cameraCondition({ step, lastError }: Pick<Camera, 'step' | 'lastError'>): CameraCondition {
  switch (step) {
    case 'live':
      return 'live';
    case 'switched-off':
      return 'off';
    case 'no-camera':
      return 'none';
    case 'updating':
      return 'updating';
    case 'stalled':
    case 'retrying':
    case 'refused':
      return 'failing';
    case 'starting':
    case 'connecting':
    case 'signing-in':
    case 'setting-up':
    case 'waiting-for-video':
    case 'waiting-for-key-frame':
    case 'waiting-for-picture':
    case null:
      // A failed camera keeps its error while it is retried, because a warning that comes and goes helps nobody.
      return lastError === null ? 'starting' : 'failing';
  }
}
