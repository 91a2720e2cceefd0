/**
 * The browser's own HLS, where hls.js finds no Media Source: on iPhones before iOS 17.1. It always gets the standard
 * playlist: Apple's player has not been seen to play low-latency MPEG-TS parts, and tells nothing about its loading, so
 * there is less to read here.
 */
import type { OnFault, Reading, Transport } from './transport';

/** Apple's player holds back three target durations by itself; going live leaves it the same room. */
const holdBackS = 6;

export const playsNatively = (): boolean => document.createElement('video').canPlayType('application/vnd.apple.mpegurl') !== '';

export class NativeTransport implements Transport {
  readonly #video: HTMLVideoElement;
  readonly #url: string;
  readonly #listening = new AbortController();
  #edgeS = 0;
  #playlistUpdates = 0;
  #heardAtMs = Date.now();

  constructor(video: HTMLVideoElement, url: string, onFault: OnFault) {
    this.#video = video;
    this.#url = url;
    const { signal } = this.#listening;
    video.addEventListener('error', () => onFault({ kind: 'network', sentence: null }), { signal });
    video.addEventListener('playing', () => this.goLive(), { signal, once: true });
    video.src = url;
  }

  tick(nowMs: number): void {
    const edgeS = this.#seekableEnd();
    if (edgeS > this.#edgeS) {
      this.#edgeS = edgeS;
      this.#playlistUpdates += 1;
      this.#heardAtMs = nowMs;
    }
  }

  read(): Reading {
    const startMs = this.#startDateMs();
    return {
      playlistUpdates: this.#playlistUpdates,
      heardAtMs: this.#heardAtMs,
      cadenceMs: 2_000,
      playingDateMs: startMs === null ? null : startMs + this.#video.currentTime * 1_000,
      bytes: null,
      targetLatencyMs: holdBackS * 1_000,
      toLiveMs: this.#toLiveS * 1_000,
    };
  }

  startLoad(): void {
    void this.#video.play().catch(() => undefined);
  }

  recoverMedia(): void {
    this.#video.src = this.#url;
    this.#video.load();
  }

  goLive(): void {
    if (this.#toLiveS > 1) {
      this.#video.currentTime += this.#toLiveS;
    }
  }

  close(): void {
    this.#listening.abort();
    this.#video.removeAttribute('src');
    this.#video.load();
  }

  get #toLiveS(): number {
    return Math.max(0, this.#seekableEnd() - holdBackS - this.#video.currentTime);
  }

  #seekableEnd(): number {
    const { seekable } = this.#video;
    return seekable.length === 0 ? 0 : seekable.end(seekable.length - 1);
  }

  /** EXT-X-PROGRAM-DATE-TIME at time zero; only Safari has it. */
  #startDateMs(): number | null {
    const video = this.#video as HTMLVideoElement & { getStartDate?: () => Date };
    const ms = video.getStartDate?.().getTime() ?? Number.NaN;
    return Number.isNaN(ms) ? null : ms;
  }
}
