/** hls.js, and whether this browser can use it. It is no part of the player's own file, so that both can come at once. */
import { Part } from '@/api/parts';

/** `never`: the file is too large to be fetched before it is needed. */
export const hlsCode = new Part(() => import('hls.js/light'), 'never');

/** Constrained Baseline, the least that hls.js asks for. */
const h264 = 'video/mp4;codecs=avc1.42E01E';

type MediaWindow = Window & { readonly ManagedMediaSource?: typeof MediaSource; readonly MediaSource?: typeof MediaSource };

/** Gives the same answer as hls.js without its 111 KB. A browser that has to use its own player never fetches them. */
export function playsHls(): boolean {
  const { ManagedMediaSource, MediaSource: Source } = window as MediaWindow;
  return (ManagedMediaSource ?? Source)?.isTypeSupported(h264) === true;
}
