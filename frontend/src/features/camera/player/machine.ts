/**
 * What a player is doing and what it should do next: a pure state machine. Time and observations come in, actions go out.
 *
 * It does not know hls.js, `<video>` or timers. It exists because a live stream fails in ways that raise no error: the
 * playhead simply stands still. The watchdog notices that, and climbs from mild to harsh: load again, recover the
 * decoder, build anew.
 */

/** Who loads the stream: hls.js on either playlist, or the browser itself. */
export type Delivery = 'lowLatency' | 'standard' | 'native';

export type PlayerState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting' }
  /** Moving, fresh, and less than `liveWithinMs` behind the camera. */
  | { readonly kind: 'live' }
  /** Moving, but older than what may be called live. */
  | { readonly kind: 'behind' }
  /** There was a picture and it stands still. */
  | { readonly kind: 'stalled'; readonly sinceMs: number }
  /** Given up for now; tried again at `retryAtMs`. The sentence is the service's, where it had one. */
  | { readonly kind: 'reconnecting'; readonly attempt: number; readonly retryAtMs: number; readonly sentence: string | null }
  | { readonly kind: 'failed'; readonly reason: 'unsupported' | 'needsTap' };

/** What ended or hurt the loading. */
export type Fault =
  /** The playlist answers 404: not made, or no such printer. */
  | { readonly kind: 'missing'; readonly sentence: string | null }
  | { readonly kind: 'network'; readonly sentence: string | null }
  | { readonly kind: 'media' }
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'needsTap' };

/** What can be seen of the playback at one moment. */
export interface Sample {
  /** Pictures shown or dropped so far; `null` where the browser does not count them. */
  readonly frames: number | null;
  readonly playheadS: number;
  readonly latencyMs: number | null;
  /** Rises with each playlist that brought something new. */
  readonly news: number;
  /** When the playlist was last heard, new or not. */
  readonly heardAtMs: number;
  /** How often something new should come: the part target, or the target duration. */
  readonly cadenceMs: number;
}

export type PlayerEvent =
  | { readonly kind: 'start'; readonly delivery: Delivery }
  | { readonly kind: 'rest' }
  | { readonly kind: 'sample'; readonly sample: Sample }
  | { readonly kind: 'fault'; readonly fault: Fault }
  /** There is reason to believe that pictures are to be had now: the camera came back, or a person asks. */
  | { readonly kind: 'nudge' }
  /** The page could not look for a while (hidden, asleep): what did not move meanwhile proves nothing. */
  | { readonly kind: 'awake' };

export type Action = 'build' | 'tearDown' | 'startLoad' | 'recoverMedia';

export interface Machine {
  readonly state: PlayerState;
  /** What `build` builds. */
  readonly delivery: Delivery;
  /** What was asked for, before any fall-back. */
  readonly preferred: Delivery;
  readonly attempt: number;
  readonly last: Sample | null;
  readonly movedAtMs: number;
  readonly newsAtMs: number;
  /** Since when the playhead owes us movement: there are pictures, or nothing is heard at all. */
  readonly owedSinceMs: number | null;
  /** The watchdog's rung: how many remedies were tried on this standstill. */
  readonly rung: number;
  readonly recoveredAtMs: number;
  readonly goodSinceMs: number | null;
}

export const liveWithinMs = 4_000;
const stillAfterMs = 1_200;
const rungMs = 4_000;
const unheardMs = 10_000;
const recoverEveryMs = 5_000;
const forgivenAfterMs = 10_000;
const backoffMs = [1_000, 2_000, 5_000, 10_000] as const;
const remedies: readonly Action[] = ['startLoad', 'recoverMedia'];

export const asleep: Machine = {
  state: { kind: 'idle' },
  delivery: 'lowLatency',
  preferred: 'lowLatency',
  attempt: 0,
  last: null,
  movedAtMs: 0,
  newsAtMs: 0,
  owedSinceMs: null,
  rung: 0,
  recoveredAtMs: -Infinity,
  goodSinceMs: null,
};

type Outcome = readonly [Machine, readonly Action[]];

export function step(machine: Machine, event: PlayerEvent, nowMs: number): Outcome {
  switch (event.kind) {
    case 'start':
      return build({ ...asleep, preferred: event.delivery, delivery: event.delivery }, nowMs);
    case 'rest':
      return machine.state.kind === 'idle' ? [machine, []] : [asleep, ['tearDown']];
    case 'sample':
      return observe(machine, event.sample, nowMs);
    case 'fault':
      return suffer(machine, event.fault, nowMs);
    case 'nudge':
      return nudge(machine, nowMs);
    case 'awake':
      return [{ ...machine, movedAtMs: nowMs, newsAtMs: nowMs, owedSinceMs: null, rung: 0 }, []];
  }
}

function build(machine: Machine, nowMs: number): Outcome {
  const fresh: Machine = {
    ...machine,
    state: { kind: 'connecting' },
    last: null,
    movedAtMs: nowMs,
    newsAtMs: nowMs,
    owedSinceMs: null,
    rung: 0,
    goodSinceMs: null,
  };
  return [fresh, ['build']];
}

function reconnect(machine: Machine, sentence: string | null, nowMs: number): Outcome {
  const attempt = machine.attempt + 1;
  const wait = backoffMs[Math.min(attempt, backoffMs.length) - 1] ?? 0;
  return [{ ...machine, attempt, state: { kind: 'reconnecting', attempt, retryAtMs: nowMs + wait, sentence } }, []];
}

function observe(machine: Machine, sample: Sample, nowMs: number): Outcome {
  switch (machine.state.kind) {
    case 'idle':
    case 'failed':
      return [machine, []];
    case 'reconnecting':
      return nowMs >= machine.state.retryAtMs ? build(machine, nowMs) : [machine, []];
    case 'connecting':
    case 'live':
    case 'behind':
    case 'stalled':
      return watch(look(machine, sample, nowMs), sample, nowMs);
  }
}

/** Takes the sample in: did anything move, and is movement owed? */
function look(machine: Machine, sample: Sample, nowMs: number): Machine {
  const { last } = machine;
  const moved = last !== null && hasMoved(last, sample);
  const brought = last === null ? sample.news > 0 : sample.news > last.news;
  const newsAtMs = brought ? nowMs : machine.newsAtMs;
  if (moved) {
    const goodSinceMs = machine.goodSinceMs ?? nowMs;
    const attempt = nowMs - goodSinceMs >= forgivenAfterMs ? 0 : machine.attempt;
    return { ...machine, last: sample, newsAtMs, movedAtMs: nowMs, owedSinceMs: null, rung: 0, goodSinceMs, attempt };
  }
  const unheard = nowMs - Math.max(sample.heardAtMs, machine.movedAtMs) >= unheardMs;
  const owedSinceMs = machine.owedSinceMs ?? (brought || unheard ? nowMs : null);
  return { ...machine, last: sample, newsAtMs, owedSinceMs };
}

/** Frames rather than the clock where the browser counts them: the clock also runs over a picture that stands still. */
function hasMoved(before: Sample, after: Sample): boolean {
  if (before.frames !== null && after.frames !== null) {
    return after.frames !== before.frames;
  }
  return Math.abs(after.playheadS - before.playheadS) > 0.05;
}

function watch(machine: Machine, sample: Sample, nowMs: number): Outcome {
  if (machine.movedAtMs === nowMs) {
    return [{ ...machine, state: { kind: isLive(machine, sample, nowMs) ? 'live' : 'behind' } }, []];
  }
  const stood = stand(machine, nowMs);
  if (machine.owedSinceMs === null || nowMs - machine.owedSinceMs < rungMs * (machine.rung + 1)) {
    return [stood, []];
  }
  const remedy = remedies[machine.rung];
  return remedy === undefined ? reconnect(machine, null, nowMs) : [{ ...stood, rung: machine.rung + 1 }, [remedy]];
}

/** The state of a picture that did not move just now; a pause shorter than a moment is none. */
function stand(machine: Machine, nowMs: number): Machine {
  const playing = machine.state.kind === 'live' || machine.state.kind === 'behind';
  if (!playing || nowMs - machine.movedAtMs < stillAfterMs) {
    return machine;
  }
  return { ...machine, goodSinceMs: null, state: { kind: 'stalled', sinceMs: machine.movedAtMs } };
}

/** The claim behind the badge: a fresh part, and little behind. */
function isLive(machine: Machine, sample: Sample, nowMs: number): boolean {
  const fresh = nowMs - machine.newsAtMs <= Math.max(3 * sample.cadenceMs, 1_500);
  return fresh && sample.latencyMs !== null && sample.latencyMs < liveWithinMs;
}

function suffer(machine: Machine, fault: Fault, nowMs: number): Outcome {
  // A loader that was given up may go on complaining until it is replaced.
  if (machine.state.kind === 'idle' || machine.state.kind === 'reconnecting') {
    return [machine, []];
  }
  switch (fault.kind) {
    case 'unsupported':
    case 'needsTap':
      return [{ ...machine, state: { kind: 'failed', reason: fault.kind } }, []];
    case 'missing':
      // A service that makes no low-latency playlist has the standard one. When that is missing too, both are tried anew.
      return machine.delivery === 'lowLatency'
        ? build({ ...machine, delivery: 'standard' }, nowMs)
        : reconnect({ ...machine, delivery: machine.preferred }, fault.sentence, nowMs);
    case 'network':
      return reconnect(machine, fault.sentence, nowMs);
    case 'media':
      return nowMs - machine.recoveredAtMs < recoverEveryMs
        ? reconnect(machine, null, nowMs)
        : [{ ...machine, recoveredAtMs: nowMs }, ['recoverMedia']];
  }
}

function nudge(machine: Machine, nowMs: number): Outcome {
  switch (machine.state.kind) {
    case 'reconnecting':
    case 'failed':
      return build(machine, nowMs);
    case 'connecting':
    case 'stalled':
      return [{ ...machine, owedSinceMs: machine.owedSinceMs ?? nowMs }, []];
    case 'idle':
    case 'live':
    case 'behind':
      return [machine, []];
  }
}
