import { describe, expect, it } from 'vitest';
import { type Action, type Bounds, type Learnt, type Machine, type PlayerEvent, type Sample, asleep, isSlow, learntBy, step } from './machine';

const bounds: Bounds = { liveWithinMs: 4_000, freshWithinMs: 1_500, stillAfterMs: 1_200 };
/** Two ways of delivery, as most browsers have them. */
const ladder = [bounds, bounds];

/** A player under test: events go in at a clock of its own, and what it did is kept. */
class Bench {
  now = 1_000_000;
  machine: Machine = asleep;
  readonly actions: Action[] = [];
  #frames = 0;
  #news = 0;
  #heardAtMs = this.now;

  on(event: PlayerEvent): this {
    const [machine, actions] = step(this.machine, event, this.now);
    this.machine = machine;
    this.actions.push(...actions);
    return this;
  }

  start(learnt: Learnt | null = null): this {
    return this.on({ kind: 'start', ladder, learnt });
  }

  /** Away for `seconds`: out of view, say. What is known of the camera is kept. */
  away(seconds: number): this {
    const learnt = learntBy(this.machine, this.now);
    this.on({ kind: 'rest' });
    this.now += 1_000 * seconds;
    this.actions.length = 0;
    return this.start(learnt);
  }

  /** `seconds` of samples every 500 ms, in which things move or not. */
  for(seconds: number, seen: { readonly moving: boolean; readonly news?: boolean; readonly heard?: boolean; readonly latencyMs?: number }): this {
    for (let half = 0; half < 2 * seconds; half += 1) {
      this.now += 500;
      this.#frames += seen.moving ? 15 : 0;
      this.#news += (seen.news ?? seen.moving) ? 1 : 0;
      this.#heardAtMs = seen.heard === false ? this.#heardAtMs : this.now;
      this.on({ kind: 'sample', sample: this.#sample(seen.latencyMs ?? 1_400) });
    }
    return this;
  }

  /** The actions since the last look. */
  done(): Action[] {
    return this.actions.splice(0);
  }

  /** The decoder begins anew: what it counts is zero again. */
  recover(): this {
    this.#frames = 0;
    return this.for(0.5, { moving: false, news: true });
  }

  /** Plays, and then stands still for a moment although there are news: a network that is too slow. */
  stumble(): this {
    return this.for(3, { moving: true }).for(1.5, { moving: false, news: true });
  }

  get kind(): string {
    return this.machine.state.kind;
  }

  #sample(latencyMs: number): Sample {
    return { frames: this.#frames, playheadS: 0, latencyMs, playlistUpdates: this.#news, heardAtMs: this.#heardAtMs, cadenceMs: 333 };
  }
}

const playing = (): Bench => {
  const bench = new Bench().start().for(3, { moving: true });
  bench.done();
  return bench;
};

const fallen = (): Bench => playing().stumble().stumble().stumble();

const givenUp = (): Bench => {
  const bench = new Bench().start().for(120, { moving: false, news: true });
  bench.done();
  return bench;
};

describe('live', () => {
  it('is claimed for a picture that moves, is fresh and little behind', () => {
    expect(new Bench().start().kind).toBe('connecting');
    expect(playing().kind).toBe('live');
  });

  it('is not claimed four seconds behind', () => {
    expect(playing().for(1, { moving: true, latencyMs: 4_000 }).kind).toBe('behind');
  });

  it('is not claimed while old pictures run out and nothing new comes', () => {
    expect(playing().for(2.5, { moving: true, news: false }).kind).toBe('behind');
  });

  it('is not lost over a pause of a moment', () => {
    expect(playing().for(1, { moving: false, news: true }).kind).toBe('live');
  });
});

it('a decoder that begins anew has shown nothing yet', () => {
  const bench = playing().for(2, { moving: false, news: true }).recover();
  expect(bench.kind).toBe('stalled');
  expect(bench.for(0.5, { moving: true }).kind).toBe('live');
});

describe('a picture that stands still although there are new ones', () => {
  it('is called stalled, then loaded again, then recovered, then built anew', () => {
    const bench = playing().for(2, { moving: false, news: true });
    expect(bench.kind).toBe('stalled');
    expect(bench.done()).toEqual([]);
    expect(bench.for(3, { moving: false, news: true }).done()).toEqual(['startLoad']);
    expect(bench.for(4, { moving: false, news: true }).done()).toEqual(['recoverMedia']);
    bench.for(4, { moving: false, news: true });
    expect(bench.kind).toBe('reconnecting');
    expect(bench.for(1.5, { moving: false, news: true }).done()).toEqual(['build']);
  });

  it('needs no further remedy once it moves', () => {
    const bench = playing().for(5, { moving: false, news: true });
    expect(bench.done()).toEqual(['startLoad']);
    expect(bench.for(30, { moving: true }).done()).toEqual([]);
    expect(bench.kind).toBe('live');
  });
});

describe('a camera that is silent', () => {
  it('is waited for, since a new player would show nothing new either', () => {
    const bench = playing().for(120, { moving: false, news: false });
    expect(bench.kind).toBe('stalled');
    expect(bench.done()).toEqual([]);
  });

  it('that comes back gets the whole ladder, counted from its first news', () => {
    const bench = playing().for(60, { moving: false, news: false }).for(3, { moving: false, news: true });
    expect(bench.done()).toEqual([]);
    expect(bench.for(2, { moving: false, news: true }).done()).toEqual(['startLoad']);
  });

  it('that is said to be back leads to a new player even if the playlist seems frozen', () => {
    const bench = playing().for(60, { moving: false, news: false }).on({ kind: 'nudge' });
    expect(bench.for(15, { moving: false, news: false }).done()).toEqual(['startLoad', 'recoverMedia', 'build']);
  });
});

it('a playlist that is no longer heard leads to a new player', () => {
  const bench = playing().for(25, { moving: false, news: false, heard: false });
  expect(bench.done()).toEqual(['startLoad', 'recoverMedia', 'build']);
});

describe('a loader that failed', () => {
  const lost: PlayerEvent = { kind: 'fault', fault: { kind: 'network', sentence: 'The camera is starting.' } };

  it('is replaced after 1, 2, 5, 10 and again 10 seconds', () => {
    const bench = new Bench().start();
    bench.done();
    const waits = [1, 2, 5, 10, 10].map((expected) => {
      bench.on(lost);
      expect(bench.machine.state).toMatchObject({ kind: 'reconnecting', sentence: 'The camera is starting.' });
      expect(bench.for(expected - 0.5, { moving: false }).done()).toEqual([]);
      return bench.for(0.5, { moving: false }).done();
    });
    expect(waits).toEqual([['build'], ['build'], ['build'], ['build'], ['build']]);
  });

  it('is forgiven after ten good seconds', () => {
    const bench = new Bench().start().on(lost).for(1, { moving: false }).on(lost).for(2, { moving: false });
    bench.for(12, { moving: true }).on(lost);
    expect(bench.machine.state).toMatchObject({ kind: 'reconnecting', attempt: 1 });
  });

  it('is replaced at once when the camera is said to be back', () => {
    const bench = new Bench().start().on(lost);
    bench.done();
    expect(bench.on({ kind: 'nudge' }).done()).toEqual(['build']);
  });

  it('may complain again without being counted twice', () => {
    const bench = new Bench().start().on(lost).on(lost);
    expect(bench.machine.state).toMatchObject({ attempt: 1 });
  });
});

describe('a missing playlist', () => {
  const missing: PlayerEvent = { kind: 'fault', fault: { kind: 'missing', sentence: null } };

  it('that was the low-latency one makes the player fall back to the standard one at once', () => {
    const bench = new Bench().start();
    bench.done();
    expect(bench.on(missing).done()).toEqual(['build']);
    expect(bench.machine.rung).toBe(1);
  });

  it('that was the standard one is waited for, and then both are tried', () => {
    const bench = new Bench().start().on(missing).on(missing);
    expect(bench.kind).toBe('reconnecting');
    expect(bench.for(1, { moving: false }).machine.rung).toBe(0);
  });
});

describe('a decoder that failed', () => {
  const broken: PlayerEvent = { kind: 'fault', fault: { kind: 'media' } };

  it('is recovered once, and replaced when it fails again within five seconds', () => {
    const bench = playing().on(broken);
    expect(bench.done()).toEqual(['recoverMedia']);
    expect(bench.for(2, { moving: true }).on(broken).kind).toBe('reconnecting');
  });

  it('is recovered again when it fails later', () => {
    const bench = playing().on(broken).for(6, { moving: true }).on(broken);
    expect(bench.done()).toEqual(['recoverMedia', 'recoverMedia']);
  });
});

describe('resting', () => {
  it('gives the stream back, and no late complaint wakes it', () => {
    const bench = playing().on({ kind: 'rest' });
    expect(bench.done()).toEqual(['tearDown']);
    expect(bench.on({ kind: 'fault', fault: { kind: 'network', sentence: null } }).on({ kind: 'nudge' }).done()).toEqual([]);
    expect(bench.kind).toBe('idle');
  });

  it('of the whole page (hidden, asleep) is not taken for a standstill', () => {
    const bench = playing();
    bench.now += 600_000;
    bench.on({ kind: 'awake' }).for(2, { moving: false, news: true });
    expect(bench.done()).toEqual([]);
  });
});

it('a browser that waits for a tap is not tried over and over, and the tap builds', () => {
  const bench = new Bench().start().on({ kind: 'fault', fault: { kind: 'needsTap' } }).for(60, { moving: false });
  bench.done();
  expect(bench.machine.state).toEqual({ kind: 'failed', reason: 'needsTap' });
  expect(bench.on({ kind: 'nudge' }).done()).toEqual(['build']);
});

describe('a delivery that is too much for the network', () => {
  it('is left for the standard one at the third stall within a minute, and that for stills', () => {
    const bench = playing().stumble().stumble();
    expect(bench.machine.rung).toBe(0);
    bench.stumble();
    expect(bench.machine.rung).toBe(1);
    expect(bench.done()).toEqual(['build']);
    bench.stumble().stumble().stumble();
    expect(bench.kind).toBe('stills');
    expect(bench.done()).toEqual(['tearDown']);
  });

  it('is kept when it stalls now and then', () => {
    const bench = playing();
    for (let stall = 0; stall < 6; stall += 1) {
      bench.stumble().for(27, { moving: true });
    }
    expect(bench.machine.rung).toBe(0);
  });

  it('is kept when it is the camera that is silent', () => {
    const bench = playing();
    for (let stall = 0; stall < 6; stall += 1) {
      bench.for(5, { moving: false, news: false }).for(3, { moving: true });
    }
    expect(bench.machine.rung).toBe(0);
  });

  it('is tried again after a good minute, and after two when that failed', () => {
    const bench = playing().stumble().stumble().stumble();
    bench.done();
    expect(bench.for(61, { moving: true }).done()).toEqual(['build']);
    expect(bench.machine.rung).toBe(0);
    bench.stumble().stumble().stumble().for(90, { moving: true });
    expect(bench.machine.rung).toBe(1);
    bench.for(35, { moving: true });
    expect(bench.machine.rung).toBe(0);
  });
});

describe('a delivery that never works', () => {
  it('ends in stills within two minutes', () => {
    expect(givenUp().kind).toBe('stills');
  });

  it('is tried again when a person asks, or after a while', () => {
    expect(givenUp().on({ kind: 'reset' }).machine).toMatchObject({ state: { kind: 'connecting' }, rung: 0, falls: 0 });
    expect(givenUp().on({ kind: 'nudge' }).machine.rung).toBe(0);
    expect(givenUp().for(120, { moving: false }).kind).not.toBe('stills');
  });

  it('is one whose media do not come although its playlists do', () => {
    const bench = new Bench().start().for(1, { moving: false, news: true });
    const lost: PlayerEvent = { kind: 'fault', fault: { kind: 'network', sentence: null } };
    for (let failure = 0; failure < 3; failure += 1) {
      bench.on(lost).for(5.5, { moving: false, news: true });
    }
    expect(bench.machine.rung).toBe(1);
  });

  it('is not one that cannot be reached at all', () => {
    const bench = new Bench().start();
    for (let failure = 0; failure < 6; failure += 1) {
      bench.on({ kind: 'fault', fault: { kind: 'network', sentence: null } }).for(11, { moving: false, news: false, heard: false });
    }
    expect(bench.machine.rung).toBe(0);
  });
});

describe('a way of delivery that this browser cannot play', () => {
  const unsupported: PlayerEvent = { kind: 'fault', fault: { kind: 'unsupported' } };

  it('is left for the next at once, and not tried again while that one plays', () => {
    const bench = new Bench().start().on(unsupported);
    expect(bench.done()).toEqual(['build', 'build']);
    expect(bench.machine).toMatchObject({ rung: 1, falls: 0 });
    expect(bench.for(1_000, { moving: true }).done()).toEqual([]);
  });

  it('ends it where there is no other', () => {
    expect(new Bench().start().on(unsupported).on(unsupported).machine.state).toEqual({ kind: 'failed', reason: 'unsupported' });
    expect(new Bench().on({ kind: 'start', ladder: [], learnt: null }).machine.state).toEqual({ kind: 'failed', reason: 'unsupported' });
  });
});

describe('a ladder of three', () => {
  const quick: Bounds = { liveWithinMs: 1_000, freshWithinMs: 300, stillAfterMs: 400 };
  const three = (): Bench => {
    const bench = new Bench().on({ kind: 'start', ladder: [quick, bounds, bounds], learnt: null });
    bench.done();
    return bench;
  };

  it('is fallen down one rung at a time, and climbed to its top', () => {
    const bench = three().stumble().stumble().stumble();
    expect(bench.machine.rung).toBe(1);
    bench.stumble().stumble().stumble();
    expect([bench.machine.rung, bench.machine.falls]).toEqual([2, 2]);
    bench.for(121, { moving: true });
    expect(bench.machine.rung).toBe(0);
  });

  it('is judged by the bounds of the rung it stands on', () => {
    const bench = three().for(1, { moving: true, latencyMs: 1_400 });
    expect(bench.kind).toBe('behind');
    bench.on({ kind: 'fault', fault: { kind: 'missing', sentence: null } }).for(1, { moving: true, latencyMs: 1_400 });
    expect([bench.machine.rung, bench.kind]).toEqual([1, 'live']);
  });
});

describe('a camera that was away', () => {
  it('goes on by the way that worked', () => {
    const bench = fallen().away(20);
    expect(bench.done()).toEqual(['build']);
    expect(bench.machine).toMatchObject({ rung: 1, falls: 1 });
  });

  it('tries the first way after as long as a climb would have taken, and falls to a longer wait', () => {
    const bench = fallen().away(60);
    expect(bench.machine).toMatchObject({ rung: 0, falls: 1 });
    bench.stumble().stumble().stumble();
    expect(bench.machine).toMatchObject({ rung: 1, falls: 2 });
    expect(bench.away(100).machine.rung).toBe(1);
  });

  it('has forgotten its falls after a quarter of an hour', () => {
    expect(fallen().away(900).machine).toMatchObject({ rung: 0, falls: 0 });
  });

  it('shows stills where video was given up, until that is to be tried again', () => {
    const bench = givenUp().away(10);
    expect(bench.kind).toBe('stills');
    expect(bench.done()).toEqual([]);
    expect(bench.for(120, { moving: false }).done()).toContain('build');
    expect(givenUp().away(300).machine).toMatchObject({ rung: 0, state: { kind: 'connecting' } });
  });

  it('asks again for what the service did not have', () => {
    const bench = new Bench().start().on({ kind: 'fault', fault: { kind: 'missing', sentence: null } });
    expect(bench.away(10).machine.rung).toBe(1);
    expect(bench.away(60).machine.rung).toBe(0);
  });
});

it('a picture that does not come is called slow after eight seconds, and not before', () => {
  const bench = new Bench().start().for(7.5, { moving: false });
  expect(isSlow(bench.machine, bench.now)).toBe(false);
  bench.for(0.5, { moving: false });
  expect(isSlow(bench.machine, bench.now)).toBe(true);
  bench.for(1, { moving: true });
  expect(isSlow(bench.machine, bench.now)).toBe(false);
});
