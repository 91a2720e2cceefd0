/** A camera's video, and under it its newest still: or the last frame of the video, so that taking that away shows no black. */
import { Signal } from '@/base/signal';
import { layerOf } from './layerOf';
import { livenessOf } from './liveness';
import { loadPlayer } from './loadPlayer';
import type { Player } from './player/player';
import { resting } from './player/playerView';
import { type OpenSource, type PictureView, noFrames } from './source';
import { StillLayer, bare, films } from './still/stillLayer';

export const videoAtRest: PictureView = viewOf(resting, bare, false);

export const openVideo: OpenSource = (id, place, screen) => {
  const canvas = layerOf('canvas');
  const video = layerOf('video');
  video.muted = true;
  video.playsInline = true;
  video.disableRemotePlayback = true;
  screen.append(canvas, video);

  const stillLayer = new StillLayer(id, canvas, films);
  const view = new Signal<PictureView>(videoAtRest);
  let player: Player | null = null;
  /** What the player is to do once its code is here. */
  let [plays, isNudged, isClosed, isInWindow] = [false, false, false, false];

  const publish = () => {
    const playing = player?.view.value ?? resting;
    video.dataset['onTop'] = String(playing.isVideo);
    view.set(viewOf(playing, stillLayer.view.value, isInWindow));
  };
  const isIn = (now: boolean) => () => {
    isInWindow = now;
    publish();
  };
  video.addEventListener('enterpictureinpicture', isIn(true));
  video.addEventListener('leavepictureinpicture', isIn(false));
  const forget = stillLayer.view.subscribe(publish);
  const begin = async () => {
    const Loaded = await loadPlayer();
    if (isClosed) {
      return;
    }
    player = new Loaded(video, stillLayer, id, place);
    player.view.subscribe(publish);
    if (plays) {
      player.play();
    }
    if (isNudged) {
      player.nudge();
    }
  };
  void begin();

  return {
    view,
    play: () => {
      plays = true;
      player?.play();
    },
    rest: () => {
      plays = false;
      player?.rest();
    },
    renew: (wanted) => stillLayer.renew(wanted),
    nudge: () => {
      isNudged = true;
      player?.nudge();
    },
    retry: () => player?.retry(),
    goLive: () => player?.goLive(),
    toggleWindow: document.pictureInPictureEnabled ? () => toggleWindow(video) : null,
    fillScreen: () => (video as AppleVideo).webkitEnterFullscreen?.(),
    picture: () => (view.value.isVideo ? video : stillLayer.view.value.hasPicture ? canvas : null),
    file: () => null,
    stats: () => player?.stats ?? null,
    frames: () => player?.frames ?? noFrames,
    close: () => {
      isClosed = true;
      player?.close();
      forget();
      stillLayer.renew(false);
      canvas.remove();
      video.remove();
    },
  };
};

function viewOf(playing: typeof resting, still: typeof bare, isInWindow: boolean): PictureView {
  const { pictureMs: _, ...shown } = playing;
  return { ...shown, liveness: livenessOf(playing, still), isInWindow };
}

/** iPhones let only a video fill the screen, by a name of their own. */
type AppleVideo = HTMLVideoElement & { readonly webkitEnterFullscreen?: () => void };

function toggleWindow(video: HTMLVideoElement): void {
  if (document.pictureInPictureElement === null) {
    // Refused while there is no picture yet.
    video.requestPictureInPicture().catch(() => undefined);
  } else {
    void document.exitPictureInPicture();
  }
}
