import { type RefObject, useCallback, useEffect, useId, useRef, useState } from 'react';
import { playlists } from '@/api/printers';
import { useSignalOr } from '@/base/useSignal';
import { type Camera, isLive } from '@/api/schemas';
import { useAttended, usePageVisible, usePageWatched, useView } from '@/browser/attention';
import { useConnection, useField } from '@/fleet/fleetStore';
import { useChoice } from '@/browser/deviceChoice';
import { type Grant, picturesChoice, useGrant } from './budget/liveBudget';
import { type Message, isPlaying, messageFor } from './message';
import { loadPlayer } from './loadPlayer';
import type { Player } from './player/player';
import { type PlayerView, resting } from './player/playerView';
import { StillLayer, type StillView, bare } from './still/stillLayer';
import { useReport } from './useReport';

/** `VITE_HLS_LOW_LATENCY=false` at build time asks for the standard playlist only. */
const prefersLowLatency = import.meta.env.VITE_HLS_LOW_LATENCY !== 'false';

export interface CameraHandle {
  readonly frame: RefObject<HTMLDivElement | null>;
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  readonly player: Player | null;
  readonly snapshot: PlayerView;
  /** What lies under the video. */
  readonly stillView: StillView;
  readonly grant: Grant;
  /** What the service last said about the camera. */
  readonly report: Camera | null;
  readonly message: Message | null;
  /** Plays although this device is to show stills only; `null` where that is not so. */
  readonly insist: (() => void) | null;
}

interface Options {
  /** Who gets to play when nothing else decides: lowest first. */
  readonly rank: number;
  /** Ask for the camera's figures this often while it plays; `false` for never: the news of the fleet say what a tile needs. */
  readonly reportEveryMs: number | false;
}

/** One camera in one place of the page: its player, its stills, what the service says about it, and when it may play. */
export function useCamera(id: number, { rank, reportEveryMs }: Options): CameraHandle {
  const frame = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [player, stillLayer] = useMachinery(id, video, canvas);
  const snapshot = useSignalOr(player?.view ?? null, resting);
  const stillView = useSignalOr(stillLayer?.view ?? null, bare);
  const view = useView(frame);
  const attended = useAttended(frame);
  const visible = usePageVisible();
  const pageWatched = usePageWatched();
  const isInOwnWindow = useOwnWindow(video);
  const signedOut = useConnection().kind === 'signedOut';
  // Behind an ended sign-in the picture freezes: whatever it asked for, it would be sent away.
  const watched = ((pageWatched && view.lately) || isInOwnWindow) && !signedOut;
  const playing = isPlaying(snapshot);
  const { report, unreachable } = useReport(id, watched, playing, reportEveryMs);
  const live = report !== null && isLive(report);
  const away = report !== null && !live && !playing;
  const needsYou = useField(id, 'display')?.kind === 'needs-you';
  const frames = useCallback(() => player?.frames ?? { total: 0, dropped: 0 }, [player]);
  const stillsOnly = useChoice(picturesChoice) === 'stills';
  const [insists, setInsists] = useState(false);
  const insist = useCallback(() => setInsists(true), []);
  const grant = useGrant(useId(), watched ? { insists, needsYou, attended, inView: view.share, away, order: rank } : null, frames);

  useEffect(() => {
    if (grant === 'live') {
      player?.play(prefersLowLatency);
    } else {
      player?.rest();
    }
  }, [player, grant]);

  useEffect(() => {
    if (live) {
      player?.nudge();
    }
  }, [player, live]);

  // Under a picture that moves, a still would be fetched for nobody.
  const wantsStill = visible && view.inView && !playing;
  useEffect(() => stillLayer?.renew(wantsStill), [stillLayer, wantsStill]);

  const message = messageFor({ snapshot, camera: report, unreachable, grant, hasPicture: snapshot.isOnTop || stillView.hasPicture });
  return { frame, video, canvas, player, snapshot, stillView, grant, report, message, insist: stillsOnly && !insists ? insist : null };
}

/** The video is in a window of its own (picture-in-picture), which stays when the page is hidden. */
function useOwnWindow(video: RefObject<HTMLVideoElement | null>): boolean {
  const [isOut, setOut] = useState(false);
  useEffect(() => {
    const element = video.current;
    const listening = new AbortController();
    const { signal } = listening;
    element?.addEventListener('enterpictureinpicture', () => setOut(true), { signal });
    element?.addEventListener('leavepictureinpicture', () => setOut(false), { signal });
    return () => listening.abort();
  }, [video]);
  return isOut;
}

/** What lives outside React, as long as the elements it works on. */
function useMachinery(id: number, video: RefObject<HTMLVideoElement | null>, canvas: RefObject<HTMLCanvasElement | null>) {
  const [machinery, setMachinery] = useState<readonly [Player | null, StillLayer | null]>([null, null]);
  useEffect(() => {
    const [screen, sheet] = [video.current, canvas.current];
    if (screen === null || sheet === null) {
      return undefined;
    }
    const stillLayer = new StillLayer(id, sheet);
    let player: Player | null = null;
    let isGone = false;
    // eslint-disable-next-line react/set-state-in-effect -- it needs the element, which exists only now
    setMachinery([null, stillLayer]);
    const begin = async () => {
      const Loaded = await loadPlayer();
      if (!isGone) {
        player = new Loaded(screen, stillLayer, playlists(id));
        setMachinery([player, stillLayer]);
      }
    };
    void begin();
    return () => {
      isGone = true;
      player?.close();
      stillLayer.renew(false);
    };
  }, [id, video, canvas]);
  return machinery;
}
