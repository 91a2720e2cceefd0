import { texts } from '@/texts/en';
import styles from './LiveBadge.module.css';
import { latencySeconds } from './format';
import type { Snapshot } from './player/player';

/** What may be claimed about the picture: live, so much behind, or a still. */
export function LiveBadge({ snapshot }: { readonly snapshot: Snapshot }) {
  const { state, latencyMs, hasPicture } = snapshot;
  if (state.kind === 'live' && latencyMs !== null) {
    return (
      <p className={styles.badge} data-claim="live">
        <span className={styles.dot} />
        {texts.camera.live}
        <span className={styles.latency}>{texts.camera.seconds(latencySeconds(latencyMs))}</span>
      </p>
    );
  }
  if (state.kind === 'behind') {
    return (
      <p className={styles.badge} data-claim="behind">
        <span className={styles.dot} />
        {latencyMs === null ? texts.camera.live : texts.camera.behind(latencySeconds(latencyMs))}
      </p>
    );
  }
  return hasPicture ? (
    <p className={styles.badge} data-claim="still">
      {texts.camera.still}
    </p>
  ) : null;
}
