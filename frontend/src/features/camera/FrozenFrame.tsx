import { type RefObject, useEffect, useRef } from 'react';
import styles from './FrozenFrame.module.css';
import type { CameraHandle } from './useCamera';

/** The picture as it is when this is mounted, or else the first one; nothing where there is none. */
export function FrozenFrame({ camera: { video, canvas, snapshot, underneath } }: { readonly camera: CameraHandle }) {
  if (snapshot.isOnTop) {
    return <Frame key="video" source={video} />;
  }
  return underneath.hasPicture ? <Frame key="still" source={canvas} /> : null;
}

function Frame({ source }: { readonly source: RefObject<HTMLVideoElement | HTMLCanvasElement | null> }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (source.current !== null && canvas.current !== null) {
      canvas.current.getContext('2d')?.drawImage(source.current, 0, 0, canvas.current.width, canvas.current.height);
    }
  }, [source]);
  return <canvas ref={canvas} className={styles.frame} width={480} height={270} aria-hidden="true" />;
}
