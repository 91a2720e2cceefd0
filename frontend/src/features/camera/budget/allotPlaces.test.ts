import { describe, expect, it } from 'vitest';
import { type Playing, type LiveRequest, allotPlaces, keepMs } from './allotPlaces';
import type { Bound } from './capacity';

const start = 1_000_000;
const plain: LiveRequest = { insists: false, needsYou: false, attended: false, inView: 1, away: false, order: 0, cost: { decoders: 1, connections: 2 } };
/** Decoders for so many, and as many connections as one likes. */
const room = (decoders: number): readonly Bound[] => [{ of: 'decoders', most: decoders, reason: 'screen' }];
const wishes = (given: Readonly<Record<string, Partial<LiveRequest>>>) =>
  new Map(Object.entries(given).map(([key, wish], order) => [key, { ...plain, order, ...wish }]));
const since = (given: Readonly<Record<string, number>>): Playing => new Map(Object.entries(given));
const nobody = since({});
const whoPlays = (given: ReadonlyMap<string, LiveRequest>, places: number, before: Playing, nowMs: number) => [...allotPlaces(given, room(places), before, nowMs).playing.keys()];

describe('free places go', () => {
  it('to who needs somebody, then to who is attended to, then to who is most in view', () => {
    const given = wishes({ half: { inView: 0.5 }, whole: {}, hovered: { attended: true, inView: 0.5 }, stuck: { needsYou: true, inView: 0.25 } });
    expect(whoPlays(given, 3, nobody, start)).toEqual(['stuck', 'hovered', 'whole']);
  });

  it('by their order on the page where nothing else decides', () => {
    expect(whoPlays(wishes({ late: { order: 9 }, early: { order: 0 } }), 1, nobody, start)).toEqual(['early']);
  });

  it('to a camera without pictures only when nobody else wants them', () => {
    const given = wishes({ gone: { away: true, needsYou: true }, here: {} });
    expect(whoPlays(given, 1, nobody, start)).toEqual(['here']);
    expect(whoPlays(given, 2, nobody, start)).toEqual(['here', 'gone']);
  });
});

it('who insists plays where nobody else may', () => {
  const given = wishes({ a: {}, b: { insists: true, away: true } });
  expect(whoPlays(given, 0, nobody, start)).toEqual(['b']);
  expect(whoPlays(given, 1, since({ a: start }), start)).toEqual(['b']);
});

describe('who plays', () => {
  it('is left alone for ten seconds, whoever comes', () => {
    const given = wishes({ playing: {}, stuck: { needsYou: true } });
    const shared = allotPlaces(given, room(1), since({ playing: start }), start + keepMs - 1);
    expect([...shared.playing]).toEqual([['playing', start]]);
    expect(shared.againMs).toBe(start + keepMs);
  });

  it('makes way after that for who has more to say for itself', () => {
    const given = wishes({ playing: {}, stuck: { needsYou: true } });
    expect([...allotPlaces(given, room(1), since({ playing: start }), start + keepMs).playing]).toEqual([['stuck', start + keepMs]]);
  });

  it('does not take turns with its equals', () => {
    const given = wishes({ other: { inView: 1 }, playing: { inView: 0.75 } });
    const shared = allotPlaces(given, room(1), since({ playing: start }), start + 60_000);
    expect([...shared.playing.keys()]).toEqual(['playing']);
    expect(shared.againMs).toBeNull();
  });

  it('gives its place back when it leaves, or has no pictures any more', () => {
    expect(whoPlays(wishes({ b: {} }), 1, since({ a: start }), start)).toEqual(['b']);
    expect(whoPlays(wishes({ a: { away: true }, b: {} }), 1, since({ a: start }), start)).toEqual(['b']);
  });

  it('stops when there are fewer places, the least important first', () => {
    const given = wishes({ a: { inView: 0.25 }, b: {} });
    expect(whoPlays(given, 1, since({ a: start, b: start }), start)).toEqual(['b']);
    expect(whoPlays(given, 0, since({ a: start, b: start }), start)).toEqual([]);
  });
});

describe('what cameras cost', () => {
  const hls = { decoders: 1, connections: 2 };
  const shared = { decoders: 1, connections: 0 };
  const plainHttp: readonly Bound[] = [
    { of: 'connections', most: 4, reason: 'plainHttp' },
    { of: 'decoders', most: 9, reason: 'screen' },
  ];
  const allot = (costs: readonly LiveRequest['cost'][], bounds = plainHttp) => {
    const { playing, reason } = allotPlaces(wishes(Object.fromEntries(costs.map((cost, index) => [index, { cost }]))), bounds, nobody, start);
    return [[...playing.keys()].join(), reason];
  };

  it('is added up: two that hold two connections each leave none for a third', () => {
    expect(allot([hls, hls, hls])).toEqual(['0,1', 'plainHttp']);
  });

  it('lets those play that need nothing of what is used up', () => {
    expect(allot([hls, hls, hls, shared, shared])).toEqual(['0,1,3,4', 'plainHttp']);
    expect(allot(Array.from({ length: 10 }, () => shared))).toEqual(['0,1,2,3,4,5,6,7,8', 'screen']);
  });

  it('counts against the others where a person insists', () => {
    const given = wishes({ a: {}, b: {}, insists: { insists: true } });
    expect([...allotPlaces(given, plainHttp, nobody, start).playing.keys()]).toEqual(['insists', 'a']);
  });
});
