/** hls.js behind the transport contract. */
import type Hls from 'hls.js/light';
import type { ErrorData, LevelDetails, LevelLoadedData } from 'hls.js/light';
import * as v from 'valibot';
import { refusalSchema } from '@/api/schemas';
import { serverClock } from '@/api/serverClock';
import { hlsConfig, liveMaxLatencyS } from './hlsConfig';
import type { Fault } from './machine';
import type { OnFault, Reading, Transport } from './transport';

/** After so long without a stall the latency that stalls added is given back. hls.js itself never does. */
const relaxAfterMs = 30_000;

/** A playhead that is so much nearer to the live edge than it should be, for so long, is held back. */
const tooNearS = 0.35;
const tooNearMs = 750;
/** HTMLMediaElement.HAVE_FUTURE_DATA. */
const haveFutureData = 3;

export class HlsTransport implements Transport {
  readonly #delivery: 'lowLatency' | 'standard';
  readonly #hls: Hls;
  readonly #video: HTMLVideoElement;
  #details: LevelDetails | null = null;
  #edge = '';
  #playlistUpdates = 0;
  #bytes = 0;
  #heardAtMs = Date.now();
  #stalledAtMs: number | null = null;
  #nearSinceMs: number | null = null;
  #holding: ReturnType<typeof setTimeout> | undefined;

  constructor(HlsClass: typeof Hls, video: HTMLVideoElement, url: string, delivery: 'lowLatency' | 'standard', onFault: OnFault) {
    this.#delivery = delivery;
    this.#video = video;
    this.#hls = new HlsClass(hlsConfig(delivery === 'lowLatency'));
    this.#hls.on(HlsClass.Events.LEVEL_LOADED, (_, data) => this.#heard(data));
    this.#hls.on(HlsClass.Events.FRAG_LOADED, (_, { payload }) => {
      this.#bytes += payload.byteLength;
    });
    this.#hls.on(HlsClass.Events.ERROR, (_, data) => {
      if (data.details === HlsClass.ErrorDetails.BUFFER_STALLED_ERROR) {
        this.#stalledAtMs = Date.now();
      }
      if (data.fatal) {
        onFault(faultOf(data, HlsClass));
      }
    });
    this.#hls.loadSource(url);
    this.#hls.attachMedia(video);
  }

  tick(nowMs: number): void {
    this.#relax(nowMs);
    this.#keepAway(nowMs);
  }

  read(): Reading {
    const details = this.#details;
    const parts = details !== null && details.partTarget > 0;
    return {
      playlistUpdates: this.#playlistUpdates,
      heardAtMs: this.#heardAtMs,
      cadenceMs: details === null ? 2_000 : 1_000 * (parts ? details.partTarget : details.targetduration),
      playingDateMs: this.#hls.playingDate?.getTime() ?? null,
      bytes: this.#bytes,
      targetLatencyMs: this.#hls.targetLatency === null ? null : this.#hls.targetLatency * 1_000,
      toLiveMs: this.#toLiveS * 1_000,
    };
  }

  startLoad(): void {
    this.#hls.startLoad(-1);
  }

  recoverMedia(): void {
    this.#hls.recoverMediaError();
  }

  goLive(): void {
    this.#letGo();
    this.#video.currentTime += this.#toLiveS;
  }

  close(): void {
    this.#letGo();
    this.#hls.destroy();
  }

  get #toLiveS(): number {
    const { currentTime } = this.#video;
    return Math.max(0, (this.#hls.liveSyncPosition ?? currentTime) - currentTime);
  }

  #heard({ details, networkDetails, stats }: LevelLoadedData): void {
    this.#details = details;
    this.#hls.config.liveMaxLatencyDuration = liveMaxLatencyS(this.#partHoldBack, details.targetduration);
    this.#heardAtMs = Date.now();
    const edge = `${details.endSN}/${details.partList?.length ?? 0}/${details.lastPartIndex}`;
    if (edge !== this.#edge) {
      this.#edge = edge;
      this.#playlistUpdates += 1;
    }
    if (networkDetails instanceof XMLHttpRequest) {
      const date = Date.parse(networkDetails.getResponseHeader('Date') ?? '');
      const { start, first } = stats.loading;
      serverClock.observe(date, performance.timeOrigin + start, performance.timeOrigin + first);
    }
  }

  #relax(nowMs: number): void {
    if (this.#stalledAtMs === null || this.#details === null || nowMs - this.#stalledAtMs < relaxAfterMs) {
      return;
    }
    this.#stalledAtMs = null;
    const { holdBack, targetduration } = this.#details;
    this.#hls.targetLatency = this.#partHoldBack || holdBack || 3 * targetduration;
  }

  /**
   * Where pictures were lost (the camera was away), the playhead goes on right behind the live edge, over a buffer that
   * any hiccup empties. hls.js plays faster but never slower: here the picture waits until the distance is right.
   *
   * On WebKit as well: other speeds make it rebuffer (WebKit bug 208142), and 0 only stops it, as its own stall does. Shaka
   * Player sets 0 there whenever it buffers; it once did without and went back (pull request 6546). What hung on iOS was a
   * seek at rate 0 (its issue 3367): so a seek ends the hold, and ours come after it. Not tried on Apple hardware.
   */
  #keepAway(nowMs: number): void {
    const { paused, seeking, readyState } = this.#video;
    if (seeking) {
      this.#letGo();
    }
    const moving = !paused && !seeking && readyState >= haveFutureData && this.#holding === undefined;
    const nearS = this.#partHoldBack - this.#hls.latency;
    if (!moving || nearS < tooNearS) {
      this.#nearSinceMs = null;
      return;
    }
    this.#nearSinceMs ??= nowMs;
    if (nowMs - this.#nearSinceMs >= tooNearMs) {
      this.#video.playbackRate = 0;
      this.#holding = setTimeout(() => this.#letGo(), 1_000 * nearS);
    }
  }

  #letGo(): void {
    if (this.#holding !== undefined) {
      clearTimeout(this.#holding);
      this.#holding = undefined;
      this.#video.playbackRate = 1;
    }
  }

  /** 0 where there are no parts, or none are wanted. */
  get #partHoldBack(): number {
    return this.#delivery === 'lowLatency' ? (this.#details?.partHoldBack ?? 0) : 0;
  }
}

function faultOf(data: ErrorData, { ErrorTypes, ErrorDetails }: typeof Hls): Fault {
  if (data.details === ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR) {
    return { kind: 'unsupported' };
  }
  if (data.type === ErrorTypes.MEDIA_ERROR) {
    return { kind: 'media' };
  }
  const sentence = sentenceIn(data.networkDetails);
  return { kind: data.response?.code === 404 && isPlaylist(data, ErrorDetails) ? 'missing' : 'network', sentence };
}

const isPlaylist = ({ details }: ErrorData, ErrorDetails: typeof Hls.ErrorDetails): boolean =>
  details === ErrorDetails.MANIFEST_LOAD_ERROR || details === ErrorDetails.LEVEL_LOAD_ERROR;

/** The service says why there is no playlist, as it refuses any other request. */
function sentenceIn(networkDetails: unknown): string | null {
  if (!(networkDetails instanceof XMLHttpRequest) || (networkDetails.responseType !== '' && networkDetails.responseType !== 'text')) {
    return null;
  }
  try {
    const refusal = v.safeParse(refusalSchema, JSON.parse(networkDetails.responseText));
    return refusal.success ? refusal.output.error : null;
  } catch {
    return null;
  }
}
