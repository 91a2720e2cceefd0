import { type RefObject, useEffect, useRef } from 'react';
import styles from './FrozenFrame.module.css';
import type { CameraHandle } from './useCamera';

/** The picture as it is when this is mounted, or else the first one; nothing where there is none. */
export function FrozenFrame({ camera: { video, snapshot } }: { readonly camera: CameraHandle }) {
  return snapshot.hasPicture ? <Frame video={video} /> : null;
}

function Frame({ video }: { readonly video: RefObject<HTMLVideoElement | null> }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const source = video.current;
    if (source === null || canvas.current === null || source.videoWidth === 0) {
      return;
    }
    canvas.current.getContext('2d')?.drawImage(source, 0, 0, canvas.current.width, canvas.current.height);
  }, [video]);
  return <canvas ref={canvas} className={styles.frame} width={480} height={270} aria-hidden="true" />;
}
