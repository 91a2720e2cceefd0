/**
 * Plays one camera in one `<video>`, outside React: it drives the machine with what it sees and carries out what the
 * machine decides. What it tells is an immutable snapshot, replaced when something visible changed.
 */
import { serverClock } from '@/state/serverClock';
import type { Frames } from '@/state/capacity';
import { HlsTransport, loadHls } from './hlsTransport';
import { type Action, type Delivery, type Fault, type Machine, type PlayerEvent, type PlayerState, type Sample, asleep, step } from './machine';
import { NativeTransport, playsNatively } from './nativeTransport';
import type { Transport } from './transport';

export interface Source {
  readonly lowLatency: string;
  readonly standard: string;
}

export interface Snapshot {
  readonly state: PlayerState;
  readonly delivery: Delivery;
  readonly latencyMs: number | null;
  readonly bufferedMs: number;
  /** Times the picture, once begun, stood still for `stallMs` for want of data. */
  readonly stalls: number;
  readonly dropped: number;
  /** The video has a picture and may lie on top of the still. */
  readonly isOnTop: boolean;
  /** When the picture of a video that stands still was taken, where that is known. */
  readonly pictureMs: number | null;
  readonly canGoLive: boolean;
}

const sampleEveryMs = 250;
/** So much behind what it aims at is worth a button. */
const lateByMs = 1_500;
/** Chromium reports a wait of some 10 ms, over a full buffer, when the playback rate changes: nobody sees that. */
const stallMs = 200;

export const resting: Snapshot = {
  state: asleep.state,
  delivery: asleep.delivery,
  latencyMs: null,
  bufferedMs: 0,
  stalls: 0,
  dropped: 0,
  isOnTop: false,
  pictureMs: null,
  canGoLive: false,
};

/** Takes the last picture of a video that is about to be taken away. */
export interface Keeper {
  keep(video: HTMLVideoElement, pictureMs: number | null): void;
}

export class Player {
  readonly #video: HTMLVideoElement;
  readonly #keeper: Keeper;
  readonly #source: Source;
  readonly #listeners = new Set<() => void>();
  readonly #listening = new AbortController();
  #machine: Machine = asleep;
  #transport: Transport | null = null;
  /** Counts builds, so that a build which waited for hls.js can see that it is no longer wanted. */
  #builds = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #stalls = 0;
  #waitingSinceMs: number | null = null;
  #begun = false;
  #snapshot: Snapshot = resting;

  constructor(video: HTMLVideoElement, keeper: Keeper, source: Source) {
    this.#video = video;
    this.#keeper = keeper;
    this.#source = source;
    const { signal } = this.#listening;
    video.addEventListener('playing', () => this.#playing(), { signal });
    video.addEventListener('waiting', () => this.#waiting(), { signal });
    document.addEventListener('visibilitychange', () => this.#visibilityChanged(), { signal });
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  get frames(): Frames {
    const { totalVideoFrames: total = 0, droppedVideoFrames: dropped = 0 } = this.#video.getVideoPlaybackQuality?.() ?? {};
    return { total, dropped };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  play(lowLatency: boolean): void {
    this.#stalls = 0;
    this.#timer ??= setInterval(() => this.#tick(), sampleEveryMs);
    this.#on({ kind: 'start', delivery: lowLatency ? 'lowLatency' : 'standard' });
  }

  /** Gives the stream back and keeps the last picture. */
  rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#on({ kind: 'rest' });
  }

  /** Tries now: the camera is said to be back, or somebody pressed a button. */
  nudge(): void {
    this.#on({ kind: 'nudge' });
  }

  goLive(): void {
    this.#transport?.goLive();
    this.#start();
  }

  close(): void {
    this.rest();
    this.#listening.abort();
    this.#listeners.clear();
  }

  #on(event: PlayerEvent): void {
    const [machine, actions] = step(this.#machine, event, Date.now());
    this.#machine = machine;
    for (const action of actions) {
      this.#act(action);
    }
    this.#publish();
  }

  #act(action: Action): void {
    switch (action) {
      case 'build':
        this.#tearDown();
        void this.#build();
        break;
      case 'tearDown':
        this.#tearDown();
        break;
      case 'startLoad':
        this.#transport?.startLoad();
        this.#start();
        break;
      case 'recoverMedia':
        this.#keepPicture();
        this.#transport?.recoverMedia();
        this.#start();
        break;
    }
  }

  async #build(): Promise<void> {
    this.#builds += 1;
    const build = this.#builds;
    const onFault = (fault: Fault) => {
      if (build === this.#builds) {
        this.#on({ kind: 'fault', fault });
      }
    };
    // When the player's own code does not load, the service is away, or was updated under an open page.
    const Hls = await loadHls().catch(() => null);
    if (build !== this.#builds) {
      return;
    }
    // hls.js before the browser's own player: some browsers say they play HLS and do it badly.
    if (Hls === null) {
      onFault({ kind: 'network', sentence: null });
    } else if (Hls.isSupported()) {
      const delivery = this.#machine.delivery === 'lowLatency' ? 'lowLatency' : 'standard';
      this.#transport = new HlsTransport(Hls, this.#video, this.#source[delivery], delivery, onFault);
      this.#start();
    } else if (playsNatively(this.#video)) {
      this.#transport = new NativeTransport(this.#video, this.#source.standard, onFault);
      this.#start();
    } else {
      onFault({ kind: 'unsupported' });
    }
  }

  #tearDown(): void {
    this.#builds += 1;
    this.#keepPicture();
    this.#transport?.close();
    this.#transport = null;
    this.#waitingSinceMs = null;
  }

  #start(): void {
    const build = this.#builds;
    this.#video.play().catch((thrown: unknown) => {
      const refused = thrown instanceof DOMException && thrown.name === 'NotAllowedError';
      if (refused && build === this.#builds && document.visibilityState === 'visible') {
        this.#on({ kind: 'fault', fault: { kind: 'needsTap' } });
      }
    });
  }

  #tick(): void {
    // A hidden page decodes nothing: a picture that does not move there proves nothing.
    if (document.visibilityState === 'visible') {
      this.#countStall();
      this.#on({ kind: 'sample', sample: this.#sample() });
    }
  }

  #sample(): Sample {
    const reading = this.#transport?.read();
    return {
      frames: this.#begun ? this.#framesCounted() : null,
      playheadS: this.#video.currentTime,
      latencyMs: this.#latencyMs(),
      news: reading?.news ?? 0,
      heardAtMs: reading?.heardAtMs ?? 0,
      cadenceMs: reading?.cadenceMs ?? 0,
    };
  }

  #framesCounted(): number | null {
    const { total } = this.frames;
    return total > 0 ? total : null;
  }

  #latencyMs(): number | null {
    const playingDateMs = this.#playingDateMs();
    return playingDateMs === null ? null : Math.max(0, serverClock.now() - playingDateMs);
  }

  #playing(): void {
    this.#countStall();
    this.#waitingSinceMs = null;
    this.#begun = true;
    this.#publish();
  }

  #waiting(): void {
    if (this.#begun && !this.#video.seeking) {
      this.#waitingSinceMs = Date.now();
    }
  }

  #countStall(): void {
    if (this.#waitingSinceMs !== null && Date.now() - this.#waitingSinceMs >= stallMs) {
      this.#stalls += 1;
      this.#waitingSinceMs = null;
    }
  }

  #visibilityChanged(): void {
    if (document.visibilityState !== 'visible' || this.#transport === null) {
      return;
    }
    this.#on({ kind: 'awake' });
    const target = this.#transport.read().targetLatencyMs ?? 0;
    if ((this.#latencyMs() ?? 0) > 2 * target) {
      this.#transport.goLive();
    }
    // Platforms pause videos nobody sees and do not resume them.
    this.#start();
  }

  #playingDateMs(): number | null {
    return this.#begun ? (this.#transport?.read().playingDateMs ?? null) : null;
  }

  /** So that taking the video away shows no black. */
  #keepPicture(): void {
    if (this.#begun) {
      this.#keeper.keep(this.#video, this.#playingDateMs());
      this.#begun = false;
    }
  }

  #publish(): void {
    const { state } = this.#machine;
    const moving = state.kind === 'live' || state.kind === 'behind';
    const latencyMs = moving ? this.#latencyMs() : null;
    const targetMs = this.#transport?.read().targetLatencyMs ?? null;
    const { buffered, currentTime } = this.#video;
    const end = buffered.length === 0 ? currentTime : buffered.end(buffered.length - 1);
    const next: Snapshot = {
      state,
      delivery: this.#transport?.delivery ?? this.#machine.delivery,
      latencyMs: latencyMs === null ? null : Math.round(latencyMs / 100) * 100,
      bufferedMs: Math.max(0, Math.round((end - currentTime) * 10) * 100),
      stalls: this.#stalls,
      dropped: this.frames.dropped,
      isOnTop: this.#begun,
      pictureMs: moving ? null : this.#playingDateMs(),
      canGoLive: state.kind === 'behind' && latencyMs !== null && targetMs !== null && latencyMs > targetMs + lateByMs,
    };
    if (isSame(this.#snapshot, next)) {
      return;
    }
    this.#snapshot = next;
    for (const listener of this.#listeners) {
      listener();
    }
  }
}

function isSame(a: Snapshot, b: Snapshot): boolean {
  return (Object.keys(a) as (keyof Snapshot)[]).every((key) => Object.is(a[key], b[key]));
}
