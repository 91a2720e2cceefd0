import { type RefCallback, useCallback, useEffect, useId, useState } from 'react';
import { type Camera, isLive } from '@/api/schemas';
import { useAttended, usePageVisible, usePageWatched, useView } from '@/browser/attention';
import { useChoice } from '@/browser/deviceChoice';
import { useConnection, useField } from '@/fleet/fleetStore';
import { type Grant, picturesChoice, useGrant } from './budget/liveBudget';
import { type Message, messageFor } from './message';
import { type PictureActions, type PictureView, isMoving, noFrames } from './source';
import { useReport } from './useReport';
import { useSource } from './useSource';

/** What a component may know of a camera and do with it. */
export interface CameraHandle {
  /** For the element that shows that much of the camera is in view, or attended to. */
  readonly frame: RefCallback<HTMLElement>;
  /** For the element that the source draws into. */
  readonly screen: RefCallback<HTMLElement>;
  readonly view: PictureView;
  /** `null` until there is a screen. */
  readonly actions: PictureActions | null;
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

/** One camera in one place of the page: its pictures, what the service says about it, and when it may play. */
export function useCamera(id: number, { rank, reportEveryMs }: Options): CameraHandle {
  const [frame, setFrame] = useState<HTMLElement | null>(null);
  // Only a camera on its own page has figures to show.
  const { screen, source, view } = useSource(id, reportEveryMs === false ? 'wall' : 'page');
  const seen = useView(frame);
  const attended = useAttended(frame);
  const visible = usePageVisible();
  const pageWatched = usePageWatched();
  const signedOut = useConnection().kind === 'signedOut';
  // Behind an ended sign-in the picture freezes: whatever it asked for, it would be sent away.
  const watched = ((pageWatched && seen.lately) || view.isInWindow) && !signedOut;
  const moving = isMoving(view.state);
  const { report, unreachable } = useReport(id, watched, moving, reportEveryMs);
  const live = report !== null && isLive(report);
  const away = report !== null && !live && !moving;
  const needsYou = useField(id, 'display')?.kind === 'needs-you';
  const sendsVideo = report?.kind !== 'pictures';
  const stillsOnly = useChoice(picturesChoice) === 'stills';
  const [insists, setInsists] = useState(false);
  const insist = useCallback(() => setInsists(true), []);
  const wish = { insists, needsYou, attended, inView: seen.share, away, order: rank, cost: view.cost };
  const grant = useGrant(useId(), watched ? wish : null, source?.frames ?? framesOfNone);

  // A video goes on for a while when the page is hidden, as it takes long to begin. Single pictures begin at once.
  const isFree = view.cost.decoders + view.cost.connections === 0;
  const plays = grant === 'live' && (visible || !isFree);
  useEffect(() => (plays ? source?.play() : source?.rest()), [source, plays]);

  useEffect(() => {
    if (live) {
      source?.nudge();
    }
  }, [source, live]);

  // Under a picture that moves, a still would be fetched for nobody.
  const wantsStill = visible && seen.inView && !moving;
  useEffect(() => source?.renew(wantsStill), [source, wantsStill]);

  const message = messageFor({ view, camera: report, unreachable, grant });
  return { frame: setFrame, screen, view, actions: source, grant, report, message, insist: stillsOnly && !insists && sendsVideo ? insist : null };
}

const framesOfNone = () => noFrames;
