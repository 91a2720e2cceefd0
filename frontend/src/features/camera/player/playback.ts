/** The `<video>` and whoever loads it: what can be done to them, and what can be seen of them. It decides nothing. */
import { serverClock } from '@/api/serverClock';
import type { Frames, Stats, WaitsFor } from '@/features/camera/source';
import type { Rung } from './ladder';
import type { Sample } from './machine';
import { PlaybackStats } from './playbackStats';
import type { OnFault, Transport } from './transport';

/** Takes the last picture of a video that is about to be taken away. */
export interface FrameSink {
  keep(video: HTMLVideoElement, pictureMs: number | null): void;
}

export class Playback {
  readonly #video: HTMLVideoElement;
  readonly #frameSink: FrameSink;
  readonly #camera: number;
  readonly #onFault: OnFault;
  readonly #stats = new PlaybackStats();
  #transport: Transport | null = null;
  /** Counts builds, so that a build which waited for code can see that it is no longer wanted. */
  #builds = 0;
  #begun = false;
  #waitsForCode = false;

  constructor(video: HTMLVideoElement, frameSink: FrameSink, camera: number, onFault: OnFault) {
    this.#video = video;
    this.#frameSink = frameSink;
    this.#camera = camera;
    this.#onFault = onFault;
  }

  /** A stream is loaded. */
  get isLoading(): boolean {
    return this.#transport !== null;
  }

  /** The video has a picture. */
  get hasBegun(): boolean {
    return this.#begun;
  }

  get stalls(): number {
    return this.#stats.stalls;
  }

  get frames(): Frames {
    const { totalVideoFrames: total = 0, droppedVideoFrames: dropped = 0 } = this.#video.getVideoPlaybackQuality?.() ?? {};
    return { total, dropped };
  }

  /** Whether anybody can see it: in the page, or in a window of its own. */
  get isSeen(): boolean {
    return document.visibilityState === 'visible' || document.pictureInPictureElement === this.#video;
  }

  get playingDateMs(): number | null {
    return this.#begun ? (this.#transport?.read().playingDateMs ?? null) : null;
  }

  get latencyMs(): number | null {
    const { playingDateMs } = this;
    return playingDateMs === null ? null : Math.max(0, serverClock.now() - playingDateMs);
  }

  get targetLatencyMs(): number | null {
    return this.#transport?.read().targetLatencyMs ?? null;
  }

  get toLiveMs(): number {
    return this.#transport?.read().toLiveMs ?? 0;
  }

  /** There is no loader yet, so a missing picture is not the stream's fault. */
  get waitsForCode(): boolean {
    return this.#waitsForCode;
  }

  get waitsFor(): WaitsFor {
    if (this.#transport === null) {
      return 'code';
    }
    if (this.#transport.read().playlistUpdates === 0) {
      return 'playlist';
    }
    return this.#bufferedMs === 0 ? 'media' : 'decoder';
  }

  get stats(): Stats {
    const { stalls, reconnects, framesPerSecond, bytesPerSecond } = this.#stats;
    const { frames, latencyMs, targetLatencyMs } = this;
    return { framesPerSecond, bytesPerSecond, bufferedMs: this.#bufferedMs, latencyMs, targetLatencyMs, frames, stalls, reconnects };
  }

  get #bufferedMs(): number {
    const { buffered, currentTime } = this.#video;
    const end = buffered.length === 0 ? currentTime : buffered.end(buffered.length - 1);
    return Math.max(0, Math.round((end - currentTime) * 10) * 100);
  }

  /** Starts the statistics. */
  begin(): void {
    this.#stats.begin();
  }

  /** Looks at it now: counts, and lets the transport act. */
  tick(nowMs: number): void {
    this.#transport?.tick(nowMs);
    this.#stats.mark(this.frames.total, this.#transport?.read().bytes ?? null, nowMs);
  }

  /** What is to be seen of it. */
  get sample(): Sample {
    const reading = this.#transport?.read();
    const { total } = this.frames;
    return {
      // Apple's own player plays without counting.
      frames: !this.#begun ? 0 : total > 0 ? total : null,
      playheadS: this.#begun ? this.#video.currentTime : 0,
      latencyMs: this.latencyMs,
      playlistUpdates: reading?.playlistUpdates ?? 0,
      heardAtMs: reading?.heardAtMs ?? 0,
      cadenceMs: reading?.cadenceMs ?? 0,
    };
  }

  /** `null`: this browser plays nothing. */
  async build(rung: Rung | null): Promise<void> {
    this.tearDown();
    const build = this.#builds;
    const onFault: OnFault = (fault) => {
      if (build === this.#builds) {
        this.#onFault(fault);
      }
    };
    this.#stats.built();
    if (rung === null) {
      onFault({ kind: 'unsupported' });
      return;
    }
    this.#waitsForCode = true;
    const make = await rung.open(this.#camera);
    if (build === this.#builds) {
      this.#waitsForCode = false;
      this.#transport = make(this.#video, onFault);
      this.start();
    }
  }

  tearDown(): void {
    this.#builds += 1;
    this.#waitsForCode = false;
    this.#keepPicture();
    this.#transport?.close();
    this.#transport = null;
  }

  /** Plays: platforms pause videos nobody sees, and do not resume them. */
  start(): void {
    const build = this.#builds;
    this.#video.play().catch((thrown: unknown) => {
      const refused = thrown instanceof DOMException && thrown.name === 'NotAllowedError';
      if (refused && build === this.#builds && document.visibilityState === 'visible') {
        this.#onFault({ kind: 'needsTap' });
      }
    });
  }

  startLoad(): void {
    this.#transport?.startLoad();
    this.start();
  }

  recoverMedia(): void {
    this.#keepPicture();
    this.#transport?.recoverMedia();
    this.start();
  }

  goLive(): void {
    this.#transport?.goLive();
    this.start();
  }

  /** The video says that it plays. */
  plays(): void {
    this.#stats.plays(Date.now());
    this.#begun = true;
  }

  /** The video says that it waits for data. */
  waits(): void {
    if (this.#begun && !this.#video.seeking) {
      this.#stats.waits(Date.now());
    }
  }

  /** So that taking the video away shows no black. */
  #keepPicture(): void {
    if (this.#begun) {
      this.#frameSink.keep(this.#video, this.playingDateMs);
      this.#begun = false;
    }
  }
}
