import { useQuery } from '@tanstack/react-query';
import { type RefObject, useCallback, useEffect, useId, useRef, useState, useSyncExternalStore } from 'react';
import { cameraQuery, playlists } from '@/api/printers';
import { sentenceOf } from '@/api/problem';
import { type Camera, isLive } from '@/api/schemas';
import { useInView, usePageWatched } from '@/state/attention';
import { useGrant } from '@/state/liveBudget';
import { type Message, isPlaying, messageFor } from './message';
import { Player, type Snapshot, resting } from './player/player';

/** `VITE_HLS_LOW_LATENCY=false` at build time asks for the standard playlist only. */
const prefersLowLatency = import.meta.env.VITE_HLS_LOW_LATENCY !== 'false';

/** Added to the rank of a camera that has no pictures: it must not hold a place that another could use. */
const lastRank = 1_000;

export interface CameraHandle {
  readonly frame: RefObject<HTMLDivElement | null>;
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly still: RefObject<HTMLCanvasElement | null>;
  readonly player: Player | null;
  readonly snapshot: Snapshot;
  /** What the service last said about the camera. */
  readonly report: Camera | null;
  readonly message: Message | null;
}

interface Options {
  /** Who gets to play when not all can: lowest first. */
  readonly rank: number;
  /** Ask for the camera's figures this often while it plays; `false` for never. */
  readonly reportEveryMs: number | false;
}

/** One camera in one place of the page: its player, what the service says about it, and when it may play. */
export function useCamera(id: number, { rank, reportEveryMs }: Options): CameraHandle {
  const frame = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const player = usePlayer(id, video, still);
  const snapshot = useSnapshot(player);
  const pageWatched = usePageWatched();
  const inView = useInView(frame);
  const watched = pageWatched && inView;
  const playing = isPlaying(snapshot);
  const report = useQuery({ ...cameraQuery(id, reportEveryMs), enabled: watched && (!playing || reportEveryMs !== false) });
  const live = report.data !== undefined && isLive(report.data);
  const away = report.data !== undefined && !live && !playing;
  // Places go only to cameras that were asked about: one that is away would take another's.
  const grant = useGrant(useId(), watched && report.isFetched, away ? rank + lastRank : rank);

  useEffect(() => {
    if (grant === 'lowLatency' || grant === 'standard') {
      player?.play(grant === 'lowLatency' && prefersLowLatency);
    } else {
      player?.rest();
    }
  }, [player, grant]);

  useEffect(() => {
    if (live) {
      player?.nudge();
    }
  }, [player, live]);

  const { refetch } = report;
  useEffect(() => {
    // A picture that stops is asked about at once, not at the next turn.
    if (watched && !playing) {
      void refetch({ cancelRefetch: false });
    }
  }, [watched, playing, refetch]);

  const unreachable = report.error === null ? null : sentenceOf(report.error);
  const message = messageFor(snapshot, report.data ?? null, unreachable, grant);
  return { frame, video, still, player, snapshot, report: report.data ?? null, message };
}

function usePlayer(id: number, video: RefObject<HTMLVideoElement | null>, still: RefObject<HTMLCanvasElement | null>): Player | null {
  const [player, setPlayer] = useState<Player | null>(null);
  useEffect(() => {
    if (video.current === null || still.current === null) {
      return undefined;
    }
    const made = new Player(video.current, still.current, playlists(id));
    // eslint-disable-next-line react/set-state-in-effect -- the player needs the elements, which exist only now
    setPlayer(made);
    return () => made.close();
  }, [id, video, still]);
  return player;
}

function useSnapshot(player: Player | null): Snapshot {
  return useSyncExternalStore(
    useCallback((listener: () => void) => player?.subscribe(listener) ?? (() => undefined), [player]),
    () => player?.snapshot ?? resting,
  );
}
