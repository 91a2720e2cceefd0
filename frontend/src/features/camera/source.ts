/**
 * A picture source: one way of getting a camera's pictures onto the page. There are two: video over stills (`videoSource`),
 * and single pictures (`pictureSource`). Whatever shows pictures in another way is another file like them. A source lives outside React, from its
 * opening to `close`. The functions of a source need no `this`: components get some of them and its view, never the source.
 */
import type { Signal } from '@/base/signal';
import type { texts } from '@/texts';

/** How pictures are delivered. Each way has its words. */
export type DeliveryName = keyof typeof texts.camera.deliveries;

/** What a source takes while it runs. The live budget shares it out. */
export interface Cost {
  readonly decoders: number;
  /** Of the few that a browser opens over HTTP/1.1, how many it keeps busy. */
  readonly connections: number;
}

/** What may be claimed about the picture that is to be seen. */
export type Liveness =
  | { readonly kind: 'live'; readonly latencyMs: number }
  /** Moving, but not live; `null` where nobody knows by how much. */
  | { readonly kind: 'behind'; readonly latencyMs: number | null }
  /** One picture after the other, as the camera sends them: neither live nor a still. `everyMs`: the usual time between two. */
  | { readonly kind: 'stepwise'; readonly everyMs: number | null; readonly pictureMs: number | null }
  /** Standing still; `null` where nobody knows since when. */
  | { readonly kind: 'still'; readonly pictureMs: number | null };

export type PictureState =
  | { readonly kind: 'idle' | 'connecting' }
  /** New pictures come, close behind the camera, further behind it, or one by one. */
  | { readonly kind: 'live' | 'behind' | 'stepwise' }
  /** The source showed pictures before, and no new ones arrive. */
  | { readonly kind: 'stalled' }
  /** Nothing better than stills worked here. That is tried again later. */
  | { readonly kind: 'stills' }
  /** It is tried again soon. The sentence is the service's, where it had one. */
  | { readonly kind: 'reconnecting'; readonly sentence: string | null }
  | { readonly kind: 'failed'; readonly reason: 'unsupported' | 'needsTap' };

/** The step at which a missing picture is stuck. */
export type WaitsFor = 'code' | 'playlist' | 'media' | 'decoder';

/** Immutable, and replaced when something visible changed. */
export interface PictureView {
  readonly state: PictureState;
  readonly delivery: DeliveryName;
  /** A better delivery did not work. */
  readonly isFallen: boolean;
  /** `null` where there is no picture. */
  readonly liveness: Liveness | null;
  readonly latencyMs: number | null;
  readonly stalls: number;
  /** Where it is stuck, when there has been no picture for some seconds. */
  readonly waitsFor: WaitsFor | null;
  /** The picture to be seen is a video's, which can have a window of its own. */
  readonly isVideo: boolean;
  /** It has that window, which stays when the page is hidden. */
  readonly isInWindow: boolean;
  readonly canGoLive: boolean;
  /** What it takes, or would take as soon as it may play. */
  readonly cost: Cost;
}

/** Pictures that came to be shown, and those of them that were not. */
export interface Frames {
  readonly total: number;
  readonly dropped: number;
}

/** What is worth knowing when somebody looks into it, and too much to tell at each change. `null`: it does not apply or is not known. */
export interface Stats {
  readonly framesPerSecond: number | null;
  readonly bytesPerSecond: number | null;
  readonly bufferedMs: number | null;
  readonly latencyMs: number | null;
  readonly targetLatencyMs: number | null;
  readonly frames: Frames;
  readonly stalls: number | null;
  readonly reconnects: number | null;
}

export interface PictureSource {
  readonly view: Signal<PictureView>;
  /** Begins to show new pictures, at its cost. */
  readonly play: () => void;
  /** Gives back what it costs, and keeps the last picture. */
  readonly rest: () => void;
  /** Whether stills renew the picture while the source does not play, because somebody may look at it. */
  readonly renew: (wanted: boolean) => void;
  /** There is reason to try now: the camera came back, or a person asks. */
  readonly nudge: () => void;
  /** Forgets what did not work, and tries everything again. */
  readonly retry: () => void;
  readonly goLive: () => void;
  /** Gives the picture a window of its own, or takes it back. `null`: this browser has none, or the source cannot. */
  readonly toggleWindow: (() => void) | null;
  /** Fills the screen with the picture alone, where a browser can do no better. `null`: the source cannot. */
  readonly fillScreen: (() => void) | null;
  /** What is to be seen now; `null` where that is nothing. */
  readonly picture: () => HTMLVideoElement | HTMLCanvasElement | null;
  /** The same as a file, where the camera sent one: made anew it would lose. */
  readonly file: () => Blob | null;
  readonly stats: () => Stats | null;
  readonly frames: () => Frames;
  readonly close: () => void;
}

/** What a person, by way of a component, may have a source do. */
export type PictureActions = Pick<PictureSource, 'nudge' | 'retry' | 'goLive' | 'toggleWindow' | 'fillScreen' | 'picture' | 'file' | 'stats'>;

/** Draws into `screen`, which has no other content, until it is closed. */
export type OpenSource = (id: number, place: string, screen: HTMLElement) => PictureSource;

export const noFrames: Frames = { total: 0, dropped: 0 };

/** What runs is shown as it happens: no still is needed below it, and no word above it. */
export const isMoving = ({ kind }: PictureState): boolean => kind === 'live' || kind === 'behind' || kind === 'stepwise';
