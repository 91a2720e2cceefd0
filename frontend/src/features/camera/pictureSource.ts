/**
 * A camera that sends single pictures. The stream of events says that there is another one, and it is fetched and decoded
 * before it replaces the last. So it takes no decoder and keeps no connection busy.
 */
import { isLive } from '@/api/schemas';
import { askPicture } from '@/api/still';
import { savesData } from '@/base/saveData';
import { Signal } from '@/base/signal';
import { subscribe as onChoice } from '@/browser/deviceChoice';
import { fleetStore } from '@/fleet/fleetStore';
import { onPicture } from '@/fleet/pictureNews';
import { picturesChoice } from './budget/liveBudget';
import { layerOf } from './layerOf';
import { type Liveness, type OpenSource, type PictureState, type PictureView, type Stats, noFrames } from './source';
import { decodeJpeg } from './still/jpegDecoder';
import { type StillView, StillLayer, bare } from './still/stillLayer';

/** With the stream of events this only finds what an event did not reach. */
const unheardMs = 15_000;
/** Without it the page asks by itself, and not more often than a person would notice. */
const shortestMs = 3_000;
/** What the figures are of. */
const countedPictures = 10;

interface Known {
  readonly still: StillView;
  /** New pictures are fetched, as this place is looked at. */
  readonly isActive: boolean;
  /** The service receives pictures from the camera, and this page hears the service. */
  readonly isFed: boolean;
  /** The device is to save data: a picture now and then. */
  readonly saves: boolean;
  readonly everyMs: number | null;
}

const picturesAtRest: PictureView = pictureViewOf({ still: bare, isActive: false, isFed: false, saves: false, everyMs: null });

export const openPictures: OpenSource = (id, place, screen) => {
  const canvas = layerOf('canvas');
  // A person zooms in on a page of its own, and saves what is there.
  screen.append(canvas);
  const stillLayer = new StillLayer(id, canvas, { ask: askPicture, decode: decodeJpeg, isWhole: place === 'page' }, () => againMs(id));
  const view = new Signal<PictureView>(picturesAtRest);
  const shownAtMs: number[] = [];
  let [plays, renews] = [false, false];

  const publish = () => {
    const isActive = plays || renews;
    stillLayer.renew(isActive);
    const next = pictureViewOf({ still: stillLayer.view.value, isActive, isFed: isFed(id), saves: saves(), everyMs: everyMs(id) });
    if (!isSame(view.value, next)) {
      view.set(next);
    }
  };
  const shown = () => {
    shownAtMs.push(performance.now());
    shownAtMs.splice(0, shownAtMs.length - countedPictures);
    publish();
  };
  const forget = [
    stillLayer.view.subscribe(shown),
    fleetStore.subscribe(publish),
    onChoice(publish),
    onPicture(id, () => {
      if (!saves()) {
        stillLayer.hurry();
      }
    }),
  ];

  return {
    view,
    play: () => {
      plays = true;
      publish();
    },
    rest: () => {
      plays = false;
      publish();
    },
    renew: (wanted) => {
      renews = wanted;
      publish();
    },
    nudge: () => stillLayer.hurry(),
    retry: () => stillLayer.hurry(),
    goLive: () => undefined,
    toggleWindow: null,
    fillScreen: null,
    picture: () => (stillLayer.view.value.hasPicture ? canvas : null),
    file: () => stillLayer.file,
    stats: () => statsOf(shownAtMs),
    frames: () => noFrames,
    close: () => {
      for (const each of forget) {
        each();
      }
      stillLayer.renew(false);
      canvas.remove();
    },
  };
};

const cameraOf = (id: number) => fleetStore.fleet.get(id)?.camera ?? null;

function isFed(id: number): boolean {
  const camera = cameraOf(id);
  const { kind } = fleetStore.connection;
  // A printer that was added a moment ago is not in the fleet yet.
  return (camera === null || isLive(camera)) && kind !== 'lost' && kind !== 'signedOut';
}

/** The service measures it, which sees each picture. */
function everyMs(id: number): number | null {
  const seconds = cameraOf(id)?.pictureIntervalSeconds ?? null;
  return seconds === null ? null : seconds * 1_000;
}

const saves = (): boolean => picturesChoice.read() === 'stills' || savesData();

const againMs = (id: number): number =>
  fleetStore.connection.kind === 'live' && !saves() ? unheardMs : Math.max(saves() ? 2 * shortestMs : shortestMs, everyMs(id) ?? 0);

/** Pure. */
export function pictureViewOf(known: Known): PictureView {
  return {
    state: stateOf(known),
    delivery: 'pictures',
    isFallen: false,
    liveness: claimOf(known),
    latencyMs: null,
    stalls: 0,
    waitsFor: null,
    isVideo: false,
    isInWindow: false,
    canGoLive: false,
    cost: { decoders: 0, connections: 0 },
  };
}

function stateOf({ still, isActive, isFed: fed, saves: saving }: Known): PictureState {
  if (!still.hasPicture) {
    return { kind: isActive ? 'connecting' : 'idle' };
  }
  return { kind: !fed ? 'stalled' : !isActive ? 'idle' : saving ? 'stills' : 'stepwise' };
}

function claimOf(known: Known): Liveness | null {
  const { still, everyMs: every } = known;
  if (!still.hasPicture) {
    return null;
  }
  return stateOf(known).kind === 'stepwise' ? { kind: 'stepwise', everyMs: every, pictureMs: still.pictureMs } : { kind: 'still', pictureMs: still.pictureMs };
}

const isSame = (a: PictureView, b: PictureView): boolean => a.state.kind === b.state.kind && JSON.stringify(a.liveness) === JSON.stringify(b.liveness);

function statsOf(shownAtMs: readonly number[]): Stats {
  const [first = 0, last = 0] = [shownAtMs[0], shownAtMs.at(-1)];
  return {
    framesPerSecond: shownAtMs.length < 2 || last === first ? null : (1_000 * (shownAtMs.length - 1)) / (last - first),
    bytesPerSecond: null,
    bufferedMs: null,
    latencyMs: null,
    targetLatencyMs: null,
    frames: noFrames,
    stalls: null,
    reconnects: null,
  };
}
