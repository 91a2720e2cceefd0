import { useAtTime } from '@/fleet/freshness';
import { texts } from '@/texts';
import { age } from '@/texts/format';
import styles from './LiveBadge.module.css';
import { latencySeconds, seconds } from './format';
import type { Liveness } from './source';

/** What may be claimed about the picture: live, so much behind, or a still of so long ago. */
export function LiveBadge({ liveness }: { readonly liveness: Liveness }) {
  switch (liveness.kind) {
    case 'live':
      return (
        <p className={styles.badge} data-claim="live">
          <span className={styles.dot} />
          {texts.camera.live}
          <span className={styles.latency}>{texts.time.seconds(latencySeconds(liveness.latencyMs))}</span>
        </p>
      );
    case 'behind':
      return (
        <p className={styles.badge} data-claim="behind">
          <span className={styles.dot} />
          {liveness.latencyMs === null ? texts.camera.moving : texts.camera.behind(latencySeconds(liveness.latencyMs))}
        </p>
      );
    case 'stepwise':
      return (
        <p className={styles.badge} data-claim="stepwise">
          {texts.camera.stepwise(seconds(liveness.everyMs / 1_000))}
        </p>
      );
    case 'still':
      return <StillBadge pictureMs={liveness.pictureMs} />;
  }
}

function StillBadge({ pictureMs }: { readonly pictureMs: number | null }) {
  const old = useAtTime((now) => (pictureMs === null ? null : age(Math.max(0, now - pictureMs))));
  return (
    <p className={styles.badge} data-claim="still">
      {texts.camera.still}
      {old === null ? null : <span className={styles.latency}>· {old}</span>}
    </p>
  );
}
