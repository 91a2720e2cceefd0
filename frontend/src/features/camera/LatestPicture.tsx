/** The newest picture there is, held still while somebody decides something, with its age. Nothing where there is none. */
import { useEffect, useRef, useState } from 'react';
import { useAtTime } from '@/fleet/freshness';
import { serverClock } from '@/api/serverClock';
import { texts } from '@/texts';
import { ago } from '@/texts/format';
import styles from './LatestPicture.module.css';
import type { Liveness, PictureActions } from './source';
import type { CameraHandle } from './useCamera';
import { useSource } from './useSource';

/** What a camera on this page shows, as it is when this is mounted. */
export function FrozenFrame({ camera: { actions, view } }: { readonly camera: CameraHandle }) {
  const { liveness, isVideo } = view;
  return liveness === null ? null : <Frozen key={String(isVideo)} picture={actions?.picture} liveness={liveness} />;
}

interface FrozenProps {
  readonly picture: PictureActions['picture'] | undefined;
  readonly liveness: Liveness;
}

function Frozen({ picture, liveness }: FrozenProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [takenMs] = useState(() => takenAt(liveness));
  useEffect(() => {
    const source = picture?.() ?? null;
    if (source !== null && canvas.current !== null) {
      canvas.current.getContext('2d')?.drawImage(source, 0, 0, canvas.current.width, canvas.current.height);
    }
  }, [picture]);
  return (
    <figure className={styles.figure}>
      <canvas ref={canvas} className={styles.picture} width={480} height={270} aria-hidden="true" />
      <Age takenMs={takenMs} />
    </figure>
  );
}

const takenAt = (liveness: Liveness): number | null =>
  'pictureMs' in liveness ? liveness.pictureMs : liveness.latencyMs === null ? null : serverClock.now() - liveness.latencyMs;

/** The newest still, for places without a camera of their own. It goes on being renewed. */
export function LatestStill({ id }: { readonly id: number }) {
  const { screen, source, view } = useSource(id, 'still');
  useEffect(() => source?.renew(true), [source]);
  return (
    <figure className={styles.figure} hidden={view.liveness === null}>
      <div ref={screen} />
      <Age takenMs={view.liveness === null ? null : takenAt(view.liveness)} />
    </figure>
  );
}

function Age({ takenMs }: { readonly takenMs: number | null }) {
  const said = useAtTime((now) => (takenMs === null ? null : texts.camera.taken(ago(Math.max(0, now - takenMs)))));
  return said === null ? null : <figcaption className={styles.age}>{said}</figcaption>;
}
