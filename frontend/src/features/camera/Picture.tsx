import { type RefObject, useEffect, useState } from 'react';
import { useAtTime } from '@/state/freshness';
import { texts } from '@/texts/en';
import { Icon } from '@/ui/Icon';
import { LiveBadge } from './LiveBadge';
import styles from './Picture.module.css';
import { claimFor, isPast } from './claim';
import type { CameraHandle } from './useCamera';

interface Props {
  readonly camera: CameraHandle;
  readonly name: string;
  /** A tile only shows; a stage has buttons. */
  readonly size: 'tile' | 'stage';
}

/**
 * The picture and all that lies on it. What the player knows is on the frame as data attributes, for whoever debugs or
 * tests: `data-state`, `data-delivery`, `data-latency-ms`, `data-stalls`, `data-grant`.
 */
export function Picture({ camera, name, size }: Props) {
  const { frame, video, canvas, player, snapshot, underneath, grant, message } = camera;
  const claim = claimFor(snapshot, underneath);
  const past = useAtTime((now) => isPast(claim, now));
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
      data-claim={claim?.kind ?? 'none'}
      data-picture-ms={claim?.kind === 'still' ? (claim.pictureMs ?? '') : ''}
      data-past={past}
    >
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
      <div className={styles.top}>{claim === null ? null : <LiveBadge claim={claim} />}</div>
      {message === null ? null : (
        <div className={styles.message} data-busy={message.busy} data-over={claim === null ? 'nothing' : 'still'}>
          {claim !== null ? null : <Icon name="camera" size={size === 'stage' ? 56 : 36} />}
          <output>{message.sentence}</output>
          {message.offersPlay ? (
            <button type="button" className={styles.control} onClick={() => player?.nudge()}>
              <Icon name="play" />
              {texts.camera.play}
            </button>
          ) : null}
        </div>
      )}
      {size === 'stage' && claim !== null ? (
        <div className={styles.controls}>
          {snapshot.canGoLive ? (
            <button type="button" className={styles.control} onClick={() => player?.goLive()}>
              <Icon name="forward" />
              {texts.camera.goLive}
            </button>
          ) : null}
          <FullscreenButton frame={frame} video={video} />
        </div>
      ) : null}
    </div>
  );
}

/** iPhones let only a video fill the screen, by a name of their own. */
type AppleVideo = HTMLVideoElement & { readonly webkitEnterFullscreen?: () => void };

function FullscreenButton({ frame, video }: { readonly frame: RefObject<HTMLElement | null>; readonly video: RefObject<HTMLVideoElement | null> }) {
  const [full, setFull] = useState(false);
  useEffect(() => {
    const changed = () => setFull(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', changed);
    return () => document.removeEventListener('fullscreenchange', changed);
  }, []);
  const toggle = () => {
    if (document.fullscreenElement !== null) {
      void document.exitFullscreen();
    } else if (document.fullscreenEnabled) {
      // Refused where the page is embedded; then nothing happens, and nothing else could.
      frame.current?.requestFullscreen().catch(() => undefined);
    } else {
      (video.current as AppleVideo | null)?.webkitEnterFullscreen?.();
    }
  };
  const label = full ? texts.camera.leaveFullscreen : texts.camera.fullscreen;
  return (
    <button type="button" className={styles.control} aria-label={label} title={label} onClick={toggle}>
      <Icon name={full ? 'shrink' : 'expand'} />
    </button>
  );
}
