import { useAtTime } from '@/fleet/freshness';
import { texts } from '@/texts';
import { age, ago } from '@/texts/format';
import styles from './LiveBadge.module.css';
import { latencySeconds, pictureSeconds } from './format';
import { isLate } from './liveness';
import type { Liveness } from './source';

/** What may be claimed about the picture: live, so much behind, one of those that come one by one, or a still of so long ago. */
export function LiveBadge({ liveness, hasRoom }: { readonly liveness: Liveness; readonly hasRoom: boolean }) {
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
      return <StepwiseBadge {...liveness} hasRoom={hasRoom} />;
    case 'still':
      return <StillBadge pictureMs={liveness.pictureMs} />;
  }
}

/** Its age counts once it is later than usual: until then the camera is only slow. */
function StepwiseBadge({ everyMs, pictureMs, hasRoom }: Extract<Liveness, { kind: 'stepwise' }> & { readonly hasRoom: boolean }) {
  const late = useAtTime((now) => lateBy(everyMs, pictureMs, now));
  const every = everyMs === null ? null : texts.time.seconds(pictureSeconds(everyMs));
  const usual = hasRoom ? texts.camera.sendsPictures(every) : every === null ? texts.camera.singlePictures : texts.camera.stepwise(every);
  return (
    <p className={styles.badge} data-claim="stepwise" data-late={late !== null}>
      {late === null ? usual : hasRoom && every !== null ? texts.camera.late(late, every) : late}
    </p>
  );
}

const lateBy = (everyMs: number | null, pictureMs: number | null, nowMs: number): string | null =>
  isLate(everyMs, pictureMs, nowMs) && pictureMs !== null ? texts.camera.taken(ago(nowMs - pictureMs)) : null;

function StillBadge({ pictureMs }: { readonly pictureMs: number | null }) {
  const old = useAtTime((now) => (pictureMs === null ? null : age(Math.max(0, now - pictureMs))));
  return (
    <p className={styles.badge} data-claim="still">
      {texts.camera.still}
      {old === null ? null : <span className={styles.latency}>· {old}</span>}
    </p>
  );
}
