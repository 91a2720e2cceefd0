/** The newest picture there is, held still while somebody decides something, with its age. Nothing where there is none. */
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useAtTime } from '@/fleet/freshness';
import { serverClock } from '@/api/serverClock';
import { texts } from '@/texts/en';
import { ago } from '@/texts/format';
import styles from './LatestPicture.module.css';
import { type Liveness, livenessOf } from './liveness';
import { type StillView, StillLayer, bare } from './still/stillLayer';
import type { CameraHandle } from './useCamera';

/** What a camera on this page shows, as it is when this is mounted. */
export function FrozenFrame({ camera: { video, canvas, snapshot, stillView } }: { readonly camera: CameraHandle }) {
  const liveness = livenessOf(snapshot, stillView);
  return liveness === null ? null : <Frozen key={String(snapshot.isOnTop)} source={snapshot.isOnTop ? video : canvas} liveness={liveness} />;
}

interface FrozenProps {
  readonly source: RefObject<HTMLVideoElement | HTMLCanvasElement | null>;
  readonly liveness: Liveness;
}

function Frozen({ source, liveness }: FrozenProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [takenMs] = useState(() => takenAt(liveness));
  useEffect(() => {
    if (source.current !== null && canvas.current !== null) {
      canvas.current.getContext('2d')?.drawImage(source.current, 0, 0, canvas.current.width, canvas.current.height);
    }
  }, [source]);
  return (
    <figure className={styles.figure}>
      <canvas ref={canvas} className={styles.picture} width={480} height={270} aria-hidden="true" />
      <Age takenMs={takenMs} />
    </figure>
  );
}

const takenAt = (liveness: Liveness): number | null =>
  liveness.kind === 'still' ? liveness.pictureMs : liveness.latencyMs === null ? null : serverClock.now() - liveness.latencyMs;

/** The newest still, for places without a camera of their own. It goes on being renewed. */
export function LatestStill({ id }: { readonly id: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [shown, setShown] = useState<StillView>(bare);
  useEffect(() => {
    if (canvas.current === null) {
      return undefined;
    }
    const stillLayer = new StillLayer(id, canvas.current);
    const forget = stillLayer.view.subscribe(() => setShown(stillLayer.view.value));
    stillLayer.renew(true);
    return () => {
      forget();
      stillLayer.renew(false);
    };
  }, [id]);
  return (
    <figure className={styles.figure} hidden={!shown.hasPicture}>
      <canvas ref={canvas} className={styles.picture} aria-hidden="true" />
      <Age takenMs={shown.pictureMs} />
    </figure>
  );
}

function Age({ takenMs }: { readonly takenMs: number | null }) {
  const said = useAtTime((now) => (takenMs === null ? null : texts.camera.taken(ago(Math.max(0, now - takenMs)))));
  return said === null ? null : <figcaption className={styles.age}>{said}</figcaption>;
}
