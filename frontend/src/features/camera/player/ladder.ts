/**
 * The ways of getting the stream into a `<video>`, best first. Another one is a transport, a rung here, and its words
 * (`texts.camera.deliveries`). Below the last rung lie the stills.
 */
import { playlists } from '@/api/printers';
import type { Cost } from '@/features/camera/source';
import { hlsCode, playsHls } from './hlsCode';
import { HlsTransport } from './hlsTransport';
import type { Bounds } from './machine';
import { NativeTransport, playsNatively } from './nativeTransport';
import type { MakeTransport } from './transport';

export interface Rung extends Bounds {
  readonly delivery: Delivery;
  readonly cost: Cost;
  /** Whether this browser has what it takes. Asked before anything is fetched. */
  readonly isPlayable: () => boolean;
  /** Fetches whatever code it needs, and makes the transport for a camera. */
  readonly open: (camera: number) => Promise<MakeTransport>;
}

export type Delivery = 'lowLatency' | 'standard' | 'native';

/** HLS may keep two connections busy: one for a playlist that is held or fetched anew, and one for media. */
const cost: Cost = { decoders: 1, connections: 2 };
const bounds: Bounds = { liveWithinMs: 4_000, freshWithinMs: 1_500, stillAfterMs: 1_200 };

/** `VITE_HLS_LOW_LATENCY=false` at build time asks for the standard playlist only. */
const prefersLowLatency = import.meta.env.VITE_HLS_LOW_LATENCY !== 'false';

const hls = async (camera: number, delivery: 'lowLatency' | 'standard'): Promise<MakeTransport> => {
  const { default: Hls } = await hlsCode.get();
  return (video, onFault) => new HlsTransport(Hls, video, playlists(camera)[delivery], delivery, onFault);
};

const rungs: readonly Rung[] = [
  { ...bounds, delivery: 'lowLatency', cost, isPlayable: () => prefersLowLatency && playsHls(), open: (camera) => hls(camera, 'lowLatency') },
  { ...bounds, delivery: 'standard', cost, isPlayable: playsHls, open: (camera) => hls(camera, 'standard') },
  {
    ...bounds,
    delivery: 'native',
    cost,
    // Only where hls.js cannot: some browsers say that they play HLS and do it badly.
    isPlayable: () => !playsHls() && playsNatively(),
    open: async (camera) => (video, onFault) => new NativeTransport(video, playlists(camera).standard, onFault),
  },
];

/** What this browser can climb. */
export const ladderHere = (): readonly Rung[] => rungs.filter(({ isPlayable }) => isPlayable());
