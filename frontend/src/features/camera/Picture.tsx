import type { CSSProperties, ReactNode } from 'react';
import { useSpoken } from '@/base/speech';
import { useAtTime } from '@/fleet/freshness';
import { texts } from '@/texts/en';
import { Button } from '@/ui/Button';
import { Icon } from '@/ui/Icon';
import { LiveBadge } from './LiveBadge';
import styles from './Picture.module.css';
import { livenessOf, isPast } from './liveness';
import { type View, whole } from './stage/zoom';
import type { CameraHandle } from './useCamera';

interface Props {
  readonly camera: CameraHandle;
  readonly name: string;
  readonly size: 'tile' | 'stage';
  /** Where in the picture one looks. */
  readonly view?: View;
  /** What a person could do about a camera that shows nothing. */
  readonly remedy?: ReactNode;
  /** Beside the badge. */
  readonly notes?: ReactNode;
  /** What lies on the picture besides. */
  readonly children?: ReactNode;
}

/**
 * The picture and what is said of it. What the player knows is on the frame as data attributes, for whoever debugs or
 * tests: `data-state`, `data-delivery`, `data-latency-ms`, `data-stalls`, `data-grant`, `data-claim`, `data-picture-ms`.
 */
export function Picture({ camera, name, size, view = whole, remedy, notes, children }: Props) {
  const { frame, video, canvas, player, snapshot, stillView, grant, message } = camera;
  const liveness = livenessOf(snapshot, stillView);
  const past = useAtTime((now) => isPast(liveness, now));
  const isZoomed = view.scale > 1;
  // The bar alone says that the video is coming, where there is a picture meanwhile.
  const isBarOnly = message?.isRoutine === true && liveness !== null;
  useSpoken(size === 'stage' && !isBarOnly ? (message?.sentence ?? null) : null);
  return (
    <div
      ref={frame}
      className={styles.frame}
      data-size={size}
      data-state={snapshot.state.kind}
      data-delivery={snapshot.delivery}
      data-latency-ms={snapshot.latencyMs ?? ''}
      data-stalls={snapshot.stalls}
      data-grant={grant}
      data-claim={liveness?.kind ?? 'none'}
      data-picture-ms={liveness?.kind === 'still' ? (liveness.pictureMs ?? '') : ''}
      data-past={past}
      data-zoomed={isZoomed}
    >
      <div className={styles.layers} style={isZoomed ? transformOf(view) : undefined}>
        <canvas ref={canvas} className={styles.picture} aria-hidden="true" />
        <video
          ref={video}
          className={styles.picture}
          data-on-top={snapshot.isOnTop}
          muted
          playsInline
          disableRemotePlayback
          aria-label={texts.camera.picture(name)}
        />
      </div>
      <div className={styles.top}>
        {liveness === null ? null : <LiveBadge liveness={liveness} />}
        {notes}
      </div>
      {message === null ? null : (
        <div className={isBarOnly ? styles.bar : styles.message} data-busy={message.busy} data-over={liveness === null ? 'nothing' : 'still'}>
          {liveness !== null ? null : <Icon name="camera" size={size === 'stage' ? 56 : 36} />}
          {isBarOnly ? null : <p>{message.sentence}</p>}
          {message.offersPlay ? (
            <Button look="screen" onClick={() => player?.nudge()}>
              <Icon name="play" />
              {texts.camera.play}
            </Button>
          ) : null}
          {message.offersRemedy ? remedy : null}
        </div>
      )}
      {children}
    </div>
  );
}

const transformOf = ({ scale, x, y }: View): CSSProperties => ({ transform: `translate(${100 * x}%, ${100 * y}%) scale(${scale})` });
