/**
 * What a player is doing and what it should do next: a pure state machine. Time and observations come in, actions go out.
 *
 * It does not know hls.js, `<video>` or timers. It exists because a live stream fails in ways that raise no error: the
 * playhead simply stands still. The watchdog notices that, and climbs from mild to harsh: load again, recover the
 * decoder, build anew.
 *
 * A way of delivery that does not work here although the camera does is left for the next: low-latency, standard,
 * stills. What went well for a while is the occasion to try the first again.
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
  /** Video was given up for a while, since it did not work on any rung; stills have to do. */
  | { readonly kind: 'stills'; readonly retryAtMs: number }
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
  /** Pictures shown or dropped so far, 0 before the first; `null` where the browser does not count them. */
  readonly frames: number | null;
  readonly playheadS: number;
  readonly latencyMs: number | null;
  /** Rises with each playlist that brought something new. */
  readonly playlistUpdates: number;
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
  /** A person wants what was given up: everything from the start. */
  | { readonly kind: 'reset' }
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
  /** Since when there is no picture that moves; `null` while there is. */
  readonly soughtSinceMs: number | null;
  /** When this delivery failed for reasons of its own. */
  readonly strikes: readonly number[];
  /** How often a delivery was left for the next. */
  readonly falls: number;
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
const heardLatelyMs = 5_000;
const recoverEveryMs = 5_000;
const forgivenAfterMs = 10_000;
const backoffMs = [1_000, 2_000, 5_000, 10_000] as const;
/** So many failures of a delivery within so long, and the next is tried. */
const strikesOut = 3;
const strikesWithinMs = 60_000;
/** After so long the preferred delivery is tried again; doubled by each fall. */
const climbAfterMs = 60_000;
const longestClimbMs = 900_000;
/** A person who waits for longer wants to know for what. */
const slowAfterMs = 8_000;
const remedies: readonly Action[] = ['startLoad', 'recoverMedia'];

export const asleep: Machine = {
  state: { kind: 'idle' },
  delivery: 'lowLatency',
  preferred: 'lowLatency',
  attempt: 0,
  soughtSinceMs: null,
  strikes: [],
  falls: 0,
  last: null,
  movedAtMs: 0,
  newsAtMs: 0,
  owedSinceMs: null,
  rung: 0,
  recoveredAtMs: -Infinity,
  goodSinceMs: null,
};

type Outcome = readonly [Machine, readonly Action[]];

/** There has been no picture for longer than one waits without asking why. */
export const isSlow = ({ state, soughtSinceMs }: Machine, nowMs: number): boolean =>
  state.kind !== 'idle' && soughtSinceMs !== null && nowMs - soughtSinceMs >= slowAfterMs;

export function step(machine: Machine, event: PlayerEvent, nowMs: number): Outcome {
  switch (event.kind) {
    case 'start':
      return begin(event.delivery, nowMs);
    case 'reset':
      return machine.state.kind === 'idle' ? [machine, []] : begin(machine.preferred, nowMs);
    case 'rest':
      return machine.state.kind === 'idle' ? [machine, []] : [asleep, ['tearDown']];
    case 'sample':
      return observe(machine, event.sample, nowMs);
    case 'fault':
      return suffer(machine, event.fault, nowMs);
    case 'nudge':
      return nudge(machine, nowMs);
    case 'awake':
      return [{ ...machine, movedAtMs: nowMs, newsAtMs: nowMs, owedSinceMs: null, rung: 0, strikes: [] }, []];
  }
}

const begin = (delivery: Delivery, nowMs: number): Outcome => build({ ...asleep, preferred: delivery, delivery }, nowMs);

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
    soughtSinceMs: machine.soughtSinceMs ?? nowMs,
  };
  return [fresh, ['build']];
}

function reconnect(machine: Machine, sentence: string | null, nowMs: number): Outcome {
  const attempt = machine.attempt + 1;
  const wait = backoffMs[Math.min(attempt, backoffMs.length) - 1] ?? 0;
  const soughtSinceMs = machine.soughtSinceMs ?? nowMs;
  return [{ ...machine, attempt, soughtSinceMs, state: { kind: 'reconnecting', attempt, retryAtMs: nowMs + wait, sentence } }, []];
}

const struck = (machine: Machine, nowMs: number): Machine => ({
  ...machine,
  strikes: [...machine.strikes.filter((atMs) => nowMs - atMs < strikesWithinMs), nowMs],
});

const isOut = ({ strikes }: Machine): boolean => strikes.length >= strikesOut;

/** This delivery failed although there is something to deliver: again, or the next one when it happens too often. */
function fail(machine: Machine, nowMs: number): Outcome {
  const hurt = struck(machine, nowMs);
  return isOut(hurt) ? fall(hurt, nowMs) : reconnect(hurt, null, nowMs);
}

function fall(machine: Machine, nowMs: number): Outcome {
  const fallen: Machine = { ...machine, falls: machine.falls + 1, strikes: [], attempt: 0 };
  if (machine.delivery === 'lowLatency') {
    return build({ ...fallen, delivery: 'standard' }, nowMs);
  }
  return [{ ...fallen, goodSinceMs: null, state: { kind: 'stills', retryAtMs: nowMs + climbMs(fallen) } }, ['tearDown']];
}

const climbMs = ({ falls }: Machine): number => Math.min(longestClimbMs, climbAfterMs * 2 ** (falls - 1));

const climb = (machine: Machine, nowMs: number): Outcome => build({ ...machine, delivery: machine.preferred }, nowMs);

function observe(machine: Machine, sample: Sample, nowMs: number): Outcome {
  switch (machine.state.kind) {
    case 'idle':
    case 'failed':
      return [machine, []];
    case 'reconnecting':
      return nowMs >= machine.state.retryAtMs ? build(machine, nowMs) : [machine, []];
    case 'stills':
      return nowMs >= machine.state.retryAtMs ? climb(machine, nowMs) : [machine, []];
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
  const brought = last === null ? sample.playlistUpdates > 0 : sample.playlistUpdates > last.playlistUpdates;
  const newsAtMs = brought ? nowMs : machine.newsAtMs;
  if (moved) {
    const goodSinceMs = machine.goodSinceMs ?? nowMs;
    const attempt = nowMs - goodSinceMs >= forgivenAfterMs ? 0 : machine.attempt;
    const isSettled = machine.delivery === machine.preferred && nowMs - goodSinceMs >= longestClimbMs;
    const falls = isSettled ? 0 : machine.falls;
    return { ...machine, last: sample, newsAtMs, movedAtMs: nowMs, owedSinceMs: null, rung: 0, goodSinceMs, attempt, falls, soughtSinceMs: null };
  }
  const unheard = nowMs - Math.max(sample.heardAtMs, machine.movedAtMs) >= unheardMs;
  const owedSinceMs = machine.owedSinceMs ?? (brought || unheard ? nowMs : null);
  return { ...machine, last: sample, newsAtMs, owedSinceMs };
}

/**
 * Frames rather than the clock where the browser counts them: the clock also runs over a picture that stands still. Both
 * go back when the decoder begins anew, which is no movement.
 */
function hasMoved(before: Sample, after: Sample): boolean {
  if (before.frames !== null && after.frames !== null) {
    return after.frames > before.frames;
  }
  return after.playheadS > before.playheadS + 0.05;
}

function watch(machine: Machine, sample: Sample, nowMs: number): Outcome {
  if (machine.movedAtMs === nowMs) {
    if (machine.falls > 0 && machine.delivery !== machine.preferred && nowMs - (machine.goodSinceMs ?? nowMs) >= climbMs(machine)) {
      return climb(machine, nowMs);
    }
    return [{ ...machine, state: { kind: isLive(machine, sample, nowMs) ? 'live' : 'behind' } }, []];
  }
  const stood = stand(machine, nowMs);
  if (isOut(stood)) {
    return fall(stood, nowMs);
  }
  if (machine.owedSinceMs === null || nowMs - machine.owedSinceMs < rungMs * (machine.rung + 1)) {
    return [stood, []];
  }
  const remedy = remedies[machine.rung];
  return remedy === undefined ? fail(machine, nowMs) : [{ ...stood, rung: machine.rung + 1 }, [remedy]];
}

/** The state of a picture that did not move just now; a pause shorter than a moment is none. */
function stand(machine: Machine, nowMs: number): Machine {
  const playing = machine.state.kind === 'live' || machine.state.kind === 'behind';
  if (!playing || nowMs - machine.movedAtMs < stillAfterMs) {
    return machine;
  }
  // A camera that is silent brings no news; a network that is too slow for this delivery does.
  const own = machine.newsAtMs > machine.movedAtMs;
  const stalled: Machine = { ...machine, goodSinceMs: null, soughtSinceMs: machine.movedAtMs, state: { kind: 'stalled', sinceMs: machine.movedAtMs } };
  return own ? struck(stalled, nowMs) : stalled;
}

const isFresh = ({ newsAtMs }: Machine, { cadenceMs }: Sample, nowMs: number): boolean => nowMs - newsAtMs <= Math.max(3 * cadenceMs, 1_500);

/** The claim behind the badge: a fresh part, and little behind. */
function isLive(machine: Machine, sample: Sample, nowMs: number): boolean {
  return isFresh(machine, sample, nowMs) && sample.latencyMs !== null && sample.latencyMs < liveWithinMs;
}

function suffer(machine: Machine, fault: Fault, nowMs: number): Outcome {
  // A loader that was given up may go on complaining until it is replaced.
  if (machine.state.kind === 'idle' || machine.state.kind === 'reconnecting' || machine.state.kind === 'stills') {
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
      // Playlists come and media do not: something on the way does not like this delivery.
      return machine.last !== null && machine.last.playlistUpdates > 0 && nowMs - machine.last.heardAtMs < heardLatelyMs
        ? fail(machine, nowMs)
        : reconnect(machine, fault.sentence, nowMs);
    case 'media':
      return nowMs - machine.recoveredAtMs < recoverEveryMs
        ? fail(machine, nowMs)
        : [{ ...machine, recoveredAtMs: nowMs }, ['recoverMedia']];
  }
}

function nudge(machine: Machine, nowMs: number): Outcome {
  switch (machine.state.kind) {
    case 'reconnecting':
    case 'failed':
      return build(machine, nowMs);
    case 'stills':
      return climb(machine, nowMs);
    case 'connecting':
    case 'stalled':
      return [{ ...machine, owedSinceMs: machine.owedSinceMs ?? nowMs }, []];
    case 'idle':
    case 'live':
    case 'behind':
      return [machine, []];
  }
}
