import { type CSSProperties, type ReactNode, useCallback } from 'react';
import { useSpoken } from '@/base/speech';
import { useAtTime } from '@/fleet/freshness';
import { texts } from '@/texts';
import { Button } from '@/ui/Button';
import { Icon } from '@/ui/Icon';
import { LiveBadge } from './LiveBadge';
import styles from './Picture.module.css';
import { isPast } from './liveness';
import type { Zoom } from './stage/useZoom';
import { type View, whole } from './stage/zoom';
import type { CameraHandle } from './useCamera';

interface Props {
  readonly camera: CameraHandle;
  readonly name: string;
  readonly size: 'tile' | 'stage';
  /** Where in the picture one looks; without, at the whole. */
  readonly zoom?: Zoom;
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
export function Picture({ camera, name, size, zoom, remedy, notes, children }: Props) {
  const { screen, view, actions, grant, message } = camera;
  const { state, liveness } = view;
  const frame = useFrame(camera, zoom);
  const past = useAtTime((now) => isPast(liveness, now));
  const look = zoom?.view ?? whole;
  const isZoomed = look.scale > 1;
  // If a still is shown meanwhile, the bar alone says that the video is loading.
  const isBarOnly = message?.isRoutine === true && liveness !== null;
  useSpoken(size === 'stage' && !isBarOnly ? (message?.sentence ?? null) : null);
  return (
    <div
      ref={frame}
      className={styles.frame}
      data-size={size}
      data-state={state.kind}
      data-delivery={view.delivery}
      data-latency-ms={view.latencyMs ?? ''}
      data-stalls={view.stalls}
      data-grant={grant}
      data-claim={liveness?.kind ?? 'none'}
      data-picture-ms={liveness !== null && 'pictureMs' in liveness ? (liveness.pictureMs ?? '') : ''}
      data-past={past}
      data-zoomed={isZoomed}
    >
      {/* Whatever the source draws has its name from here. */}
      {/* eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- an <img> cannot hold a video */}
      <div ref={screen} className={styles.layers} style={isZoomed ? transformOf(look) : undefined} role="img" aria-label={texts.camera.picture(name)} />
      <div className={styles.top}>
        {liveness === null ? null : <LiveBadge liveness={liveness} hasRoom={size === 'stage'} />}
        {notes}
      </div>
      {message === null ? null : (
        <div className={isBarOnly ? styles.bar : styles.message} data-busy={message.busy} data-over={liveness === null ? 'nothing' : 'still'}>
          {liveness !== null ? null : <Icon name="camera" size={size === 'stage' ? 56 : 36} />}
          {isBarOnly ? null : <p>{message.sentence}</p>}
          {message.offersPlay ? (
            <Button look="screen" onClick={() => actions?.nudge()}>
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

/** Gives the same element to the code that measures the frame and to the code that zooms. */
function useFrame({ frame }: CameraHandle, zoom: Zoom | undefined) {
  const zoomed = zoom?.frame;
  return useCallback(
    (element: HTMLDivElement) => {
      frame(element);
      const leave = zoomed?.(element);
      return () => {
        leave?.();
        frame(null);
      };
    },
    [frame, zoomed],
  );
}

const transformOf = ({ scale, x, y }: View): CSSProperties => ({ transform: `translate(${100 * x}%, ${100 * y}%) scale(${scale})` });
