/**
 * What a player is doing and what it should do next: a pure state machine. Time and observations come in, actions go out.
 *
 * It does not know hls.js, `<video>` or timers. It exists because a live stream fails in ways that raise no error: the
 * playhead simply stands still. The watchdog notices that, and climbs from mild to harsh: load again, recover the
 * decoder, build anew.
 *
 * The ways of delivery are rungs of a ladder, best first, of which the machine knows only their number and bounds. A rung
 * that does not work here although the camera does is left for the next one, and the last one for stills. After a while
 * that went well, the first rung is tried again.
 */

/** How the pictures of one way of delivery are judged. */
export interface Bounds {
  /** A picture that is further behind the camera is not live. */
  readonly liveWithinMs: number;
  /** Nor is one whose last news is older than this, and than three times their usual interval. */
  readonly freshWithinMs: number;
  /** A picture that does not move for a shorter time than this has not stopped. */
  readonly stillAfterMs: number;
}

/** What is remembered of a camera while it rests, so that the next start does not learn it again. */
export interface Learnt {
  readonly rung: number;
  readonly unplayable: ReadonlySet<number>;
  readonly falls: number;
  /** `null` unless no rung worked: then stills have to do until this time. */
  readonly stillsUntilMs: number | null;
  readonly atMs: number;
}

export type PlayerState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting' }
  /** Moving, fresh, and little behind the camera. */
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
  | { readonly kind: 'start'; readonly ladder: readonly Bounds[]; readonly learnt: Learnt | null }
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
  readonly ladder: readonly Bounds[];
  /** Which rung `build` builds. */
  readonly rung: number;
  /** The rungs that this browser cannot play, or that the service does not have. */
  readonly unplayable: ReadonlySet<number>;
  readonly attempt: number;
  /** Since when there is no picture that moves; `null` while there is. */
  readonly soughtSinceMs: number | null;
  /** When this rung failed for reasons of its own. */
  readonly strikes: readonly number[];
  /** How often a rung was left for the next one. Each makes the wait before the next climb longer. */
  readonly falls: number;
  readonly last: Sample | null;
  readonly movedAtMs: number;
  readonly newsAtMs: number;
  /** Since when the playhead should have moved, because there are frames to play or nothing is heard at all. */
  readonly owedSinceMs: number | null;
  /** How many remedies were tried on this standstill. */
  readonly remedied: number;
  readonly recoveredAtMs: number;
  readonly goodSinceMs: number | null;
}

const remedyEveryMs = 4_000;
const unheardMs = 10_000;
const heardLatelyMs = 5_000;
const recoverEveryMs = 5_000;
const forgivenAfterMs = 10_000;
const backoffMs = [1_000, 2_000, 5_000, 10_000] as const;
/** After this many failures of a rung within this time, the next one is tried. */
const strikesOut = 3;
const strikesWithinMs = 60_000;
/** After this long the first rung is tried again; each fall doubles it. */
const climbAfterMs = 60_000;
const longestClimbMs = 900_000;
/** After this long without a picture, the page says what it waits for. */
const slowAfterMs = 8_000;
const remedies: readonly Action[] = ['startLoad', 'recoverMedia'];
const none: ReadonlySet<number> = new Set();
/** Applies when there is no rung: then nothing counts as live. */
const noBounds: Bounds = { liveWithinMs: 0, freshWithinMs: 0, stillAfterMs: 0 };

export const asleep: Machine = {
  state: { kind: 'idle' },
  ladder: [],
  rung: 0,
  unplayable: none,
  attempt: 0,
  soughtSinceMs: null,
  strikes: [],
  falls: 0,
  last: null,
  movedAtMs: 0,
  newsAtMs: 0,
  owedSinceMs: null,
  remedied: 0,
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
      return begin(event.ladder, event.learnt, nowMs);
    case 'reset':
      return machine.state.kind === 'idle' ? [machine, []] : begin(machine.ladder, null, nowMs);
    case 'rest':
      return machine.state.kind === 'idle' ? [machine, []] : [asleep, ['tearDown']];
    case 'sample':
      return observe(machine, event.sample, nowMs);
    case 'fault':
      return suffer(machine, event.fault, nowMs);
    case 'nudge':
      return nudge(machine, nowMs);
    case 'awake':
      return [{ ...machine, movedAtMs: nowMs, newsAtMs: nowMs, owedSinceMs: null, remedied: 0, strikes: [] }, []];
  }
}

/** Goes on where it rested, if that was a short while ago; else tries the first rung again, as a climb would have done. */
function begin(ladder: readonly Bounds[], learnt: Learnt | null, nowMs: number): Outcome {
  const fresh: Machine = { ...asleep, ladder };
  if (ladder.length === 0) {
    return [{ ...fresh, state: { kind: 'failed', reason: 'unsupported' } }, []];
  }
  const restedMs = learnt === null ? Infinity : nowMs - learnt.atMs;
  if (learnt === null || restedMs >= longestClimbMs) {
    return build(fresh, nowMs);
  }
  const { rung, unplayable, falls, stillsUntilMs } = learnt;
  if (stillsUntilMs !== null && nowMs < stillsUntilMs) {
    return [{ ...fresh, rung, unplayable, falls, state: { kind: 'stills', retryAtMs: stillsUntilMs } }, []];
  }
  const isOver = stillsUntilMs !== null || restedMs >= climbMs(falls);
  return build(isOver ? { ...fresh, falls } : { ...fresh, rung, unplayable, falls }, nowMs);
}

/** What to start with next time. */
export const learntBy = ({ rung, unplayable, falls, state }: Machine, atMs: number): Learnt => ({
  rung,
  unplayable,
  falls,
  stillsUntilMs: state.kind === 'stills' ? state.retryAtMs : null,
  atMs,
});

function build(machine: Machine, nowMs: number): Outcome {
  const fresh: Machine = {
    ...machine,
    state: { kind: 'connecting' },
    last: null,
    movedAtMs: nowMs,
    newsAtMs: nowMs,
    owedSinceMs: null,
    remedied: 0,
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

/** This rung failed although there is something to deliver: it is tried again, or the next one when that happens too often. */
function fail(machine: Machine, nowMs: number): Outcome {
  const hurt = struck(machine, nowMs);
  return isOut(hurt) ? fall(hurt, nowMs) : reconnect(hurt, null, nowMs);
}

/** The first rung that can be played. */
export const top = ({ ladder, unplayable }: Machine): number => Math.max(0, ladder.findIndex((_, index) => !unplayable.has(index)));

/** The next rung that can be played; `null` below the last one. */
function below({ ladder, rung, unplayable }: Machine): number | null {
  const next = ladder.findIndex((_, index) => index > rung && !unplayable.has(index));
  return next === -1 ? null : next;
}

function fall(machine: Machine, nowMs: number): Outcome {
  const fallen: Machine = { ...machine, falls: machine.falls + 1, strikes: [], attempt: 0 };
  const rung = below(fallen);
  return rung === null
    ? [{ ...fallen, goodSinceMs: null, state: { kind: 'stills', retryAtMs: nowMs + climbMs(fallen.falls) } }, ['tearDown']]
    : build({ ...fallen, rung }, nowMs);
}

/** This rung can never work here: the next one at once, which is no fall. `null` where there is none. */
function skip(machine: Machine, nowMs: number): Outcome | null {
  const skipped: Machine = { ...machine, unplayable: new Set([...machine.unplayable, machine.rung]) };
  const rung = below(skipped);
  return rung === null ? null : build({ ...skipped, rung }, nowMs);
}

const climbMs = (falls: number): number => Math.min(longestClimbMs, climbAfterMs * 2 ** Math.max(0, falls - 1));

/** The count of falls is kept, so that the next fall leads to a longer wait. */
const climb = (machine: Machine, nowMs: number): Outcome => build({ ...machine, rung: top(machine) }, nowMs);

/** Where nothing worked, what could not be played is tried again as well. */
const climbFromStills = (machine: Machine, nowMs: number): Outcome => climb({ ...machine, unplayable: none }, nowMs);

function observe(machine: Machine, sample: Sample, nowMs: number): Outcome {
  switch (machine.state.kind) {
    case 'idle':
    case 'failed':
      return [machine, []];
    case 'reconnecting':
      return nowMs >= machine.state.retryAtMs ? build(machine, nowMs) : [machine, []];
    case 'stills':
      return nowMs >= machine.state.retryAtMs ? climbFromStills(machine, nowMs) : [machine, []];
    case 'connecting':
    case 'live':
    case 'behind':
    case 'stalled':
      return watch(look(machine, sample, nowMs), sample, nowMs);
  }
}

/** Takes in the sample: whether anything moved, and whether it should have. */
function look(machine: Machine, sample: Sample, nowMs: number): Machine {
  const { last } = machine;
  const moved = last !== null && hasMoved(last, sample);
  const brought = last === null ? sample.playlistUpdates > 0 : sample.playlistUpdates > last.playlistUpdates;
  const newsAtMs = brought ? nowMs : machine.newsAtMs;
  if (moved) {
    const goodSinceMs = machine.goodSinceMs ?? nowMs;
    const attempt = nowMs - goodSinceMs >= forgivenAfterMs ? 0 : machine.attempt;
    const isSettled = machine.rung === top(machine) && nowMs - goodSinceMs >= longestClimbMs;
    const falls = isSettled ? 0 : machine.falls;
    return { ...machine, last: sample, newsAtMs, movedAtMs: nowMs, owedSinceMs: null, remedied: 0, goodSinceMs, attempt, falls, soughtSinceMs: null };
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
    if (machine.falls > 0 && machine.rung > top(machine) && nowMs - (machine.goodSinceMs ?? nowMs) >= climbMs(machine.falls)) {
      return climb(machine, nowMs);
    }
    return [{ ...machine, state: { kind: isLive(machine, sample, nowMs) ? 'live' : 'behind' } }, []];
  }
  const stood = stand(machine, nowMs);
  if (isOut(stood)) {
    return fall(stood, nowMs);
  }
  if (machine.owedSinceMs === null || nowMs - machine.owedSinceMs < remedyEveryMs * (machine.remedied + 1)) {
    return [stood, []];
  }
  const remedy = remedies[machine.remedied];
  return remedy === undefined ? fail(machine, nowMs) : [{ ...stood, remedied: machine.remedied + 1 }, [remedy]];
}

/** The state of a picture that did not move just now; a pause shorter than a moment is none. */
function stand(machine: Machine, nowMs: number): Machine {
  const playing = machine.state.kind === 'live' || machine.state.kind === 'behind';
  if (!playing || nowMs - machine.movedAtMs < boundsOf(machine).stillAfterMs) {
    return machine;
  }
  // A silent camera brings no new playlists. A network that is too slow for this rung does.
  const own = machine.newsAtMs > machine.movedAtMs;
  const stalled: Machine = { ...machine, goodSinceMs: null, soughtSinceMs: machine.movedAtMs, state: { kind: 'stalled', sinceMs: machine.movedAtMs } };
  return own ? struck(stalled, nowMs) : stalled;
}

const boundsOf = ({ ladder, rung }: Machine): Bounds => ladder[rung] ?? noBounds;

/** The claim behind the badge: something new just now, and little behind. */
function isLive(machine: Machine, { cadenceMs, latencyMs }: Sample, nowMs: number): boolean {
  const { liveWithinMs, freshWithinMs } = boundsOf(machine);
  const isFresh = nowMs - machine.newsAtMs <= Math.max(3 * cadenceMs, freshWithinMs);
  return isFresh && latencyMs !== null && latencyMs < liveWithinMs;
}

function suffer(machine: Machine, fault: Fault, nowMs: number): Outcome {
  // A loader that was given up may go on complaining until it is replaced.
  if (machine.state.kind === 'idle' || machine.state.kind === 'reconnecting' || machine.state.kind === 'stills') {
    return [machine, []];
  }
  switch (fault.kind) {
    case 'needsTap':
      return [{ ...machine, state: { kind: 'failed', reason: fault.kind } }, []];
    case 'unsupported':
      return skip(machine, nowMs) ?? [{ ...machine, state: { kind: 'failed', reason: fault.kind } }, []];
    case 'missing':
      // A service that makes no low-latency playlist has the standard one. When that is missing too, all are tried again.
      return skip(machine, nowMs) ?? reconnect({ ...machine, rung: 0, unplayable: none }, fault.sentence, nowMs);
    case 'network':
      // Playlists come and media do not: something on the way does not like this rung.
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
      return climbFromStills(machine, nowMs);
    case 'connecting':
    case 'stalled':
      return [{ ...machine, owedSinceMs: machine.owedSinceMs ?? nowMs }, []];
    case 'idle':
    case 'live':
    case 'behind':
      return [machine, []];
  }
}
