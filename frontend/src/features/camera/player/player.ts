/**
 * Plays one camera in one `<video>`, outside React: it drives the machine with what it sees and carries out what the
 * machine decides.
 */
import { Signal } from '@/base/signal';
import type { Frames, Stats } from '@/features/camera/source';
import { type Rung, ladderHere } from './ladder';
import { type Action, type Learnt, type Machine, type PlayerEvent, asleep, isSlow, learntBy, step, top } from './machine';
import { type FrameSink, Playback } from './playback';
import { type PlayerView, isSame, resting } from './playerView';

const sampleEveryMs = 250;
/** The button to go live is offered from this distance on. */
const lateByMs = 1_500;
/** If the clock jumps this far, the page was frozen or the computer slept. */
const sleptMs = 5_000;

/**
 * What was learnt about each camera in this session, by place. A tile that comes back into view need not try again what
 * does not work. A camera on its own page does not share the network with a wall, so what a wall learnt does not apply.
 */
const learnt = new Map<string, Learnt>();

export class Player {
  readonly #playback: Playback;
  readonly #ladder: readonly Rung[];
  readonly #key: string;
  readonly #view = new Signal<PlayerView>(resting);
  readonly #listening = new AbortController();
  #machine: Machine = asleep;
  #timer: ReturnType<typeof setInterval> | undefined;
  #tickedAtMs = 0;

  constructor(video: HTMLVideoElement, frameSink: FrameSink, camera: number, place: string, ladder: readonly Rung[] = ladderHere()) {
    this.#ladder = ladder;
    this.#key = `${place} ${camera}`;
    this.#playback = new Playback(video, frameSink, camera, (fault) => this.#on({ kind: 'fault', fault }));
    const { signal } = this.#listening;
    video.addEventListener('playing', () => this.#playing(), { signal });
    video.addEventListener('waiting', () => this.#playback.waits(), { signal });
    document.addEventListener('visibilitychange', () => this.#wake(), { signal });
    document.addEventListener('resume', () => this.#wake(), { signal });
    addEventListener('pageshow', () => this.#wake(), { signal });
    addEventListener('online', () => this.#otherNetwork(), { signal });
  }

  get view(): Signal<PlayerView> {
    return this.#view;
  }

  get frames(): Frames {
    return this.#playback.frames;
  }

  get stats(): Stats {
    return this.#playback.stats;
  }

  play(): void {
    this.#playback.begin();
    this.#tickedAtMs = Date.now();
    this.#timer ??= setInterval(() => this.#tick(), sampleEveryMs);
    this.#on({ kind: 'start', ladder: this.#ladder, learnt: learnt.get(this.#key) ?? null });
  }

  /** Gives the stream back and keeps the last picture. */
  rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#machine.state.kind !== 'idle') {
      learnt.set(this.#key, learntBy(this.#machine, Date.now()));
    }
    this.#on({ kind: 'rest' });
  }

  /** Tries now: the camera is said to be back, or somebody pressed a button. */
  nudge(): void {
    this.#on({ kind: 'nudge' });
  }

  /** Forgets what did not work and begins again. */
  retry(): void {
    this.#on({ kind: 'reset' });
  }

  goLive(): void {
    this.#playback.goLive();
  }

  close(): void {
    this.rest();
    this.#listening.abort();
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
        void this.#playback.build(this.#rung);
        break;
      case 'tearDown':
        this.#playback.tearDown();
        break;
      case 'startLoad':
        this.#playback.startLoad();
        break;
      case 'recoverMedia':
        this.#playback.recoverMedia();
        break;
    }
  }

  #tick(): void {
    const now = Date.now();
    const slept = now - this.#tickedAtMs > sleptMs;
    this.#tickedAtMs = now;
    // A hidden page decodes nothing: a picture that does not move there proves nothing.
    if (!this.#playback.isSeen) {
      return;
    }
    if (slept) {
      this.#wake();
    }
    if (this.#playback.waitsForCode) {
      this.#publish();
      return;
    }
    this.#playback.tick(now);
    this.#on({ kind: 'sample', sample: this.#playback.sample });
  }

  #playing(): void {
    this.#playback.plays();
    this.#publish();
  }

  /** The page is visible again. Its stream may have stood still meanwhile. */
  #wake(): void {
    if (!this.#playback.isSeen || !this.#playback.isLoading) {
      return;
    }
    this.#tickedAtMs = Date.now();
    this.#on({ kind: 'awake' });
    const { latencyMs, targetLatencyMs } = this.#playback;
    if ((latencyMs ?? 0) > 2 * (targetLatencyMs ?? 0)) {
      this.#playback.goLive();
    }
    this.#playback.start();
  }

  /** The network changed. Pending requests of the old network never finish, and a rung that failed there may work here. */
  #otherNetwork(): void {
    learnt.clear();
    if (this.#playback.isLoading) {
      this.#playback.startLoad();
    }
    this.#wake();
    this.nudge();
  }

  /** `null` where this browser plays nothing. */
  get #rung(): Rung | null {
    return this.#ladder[this.#machine.rung] ?? null;
  }

  #publish(): void {
    const { state, falls, rung } = this.#machine;
    const { latencyMs, toLiveMs, playingDateMs } = this.#playback;
    const moving = state.kind === 'live' || state.kind === 'behind';
    const next: PlayerView = {
      state,
      delivery: this.#rung?.delivery ?? 'stills',
      isFallen: state.kind === 'stills' || (falls > 0 && rung > top(this.#machine)),
      latencyMs: moving && latencyMs !== null ? Math.round(latencyMs / 100) * 100 : null,
      stalls: this.#playback.stalls,
      waitsFor: isSlow(this.#machine, Date.now()) ? this.#playback.waitsFor : null,
      isVideo: this.#playback.hasBegun,
      pictureMs: moving ? null : playingDateMs,
      // The latency does not decide: between two segments the live edge itself is late, and a jump does not help.
      canGoLive: state.kind === 'behind' && toLiveMs > lateByMs,
      cost: this.#rung?.cost ?? resting.cost,
    };
    if (!isSame(this.#view.value, next)) {
      this.#view.set(next);
    }
  }
}
