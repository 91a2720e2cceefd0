import { describe, expect, it } from 'vitest';
import { type Playing, type LiveRequest, keepMs, allotPlaces } from './allotPlaces';

const start = 1_000_000;
const plain: LiveRequest = { insists: false, needsYou: false, attended: false, inView: 1, away: false, order: 0 };
const wishes = (given: Readonly<Record<string, Partial<LiveRequest>>>) =>
  new Map(Object.entries(given).map(([key, wish], order) => [key, { ...plain, order, ...wish }]));
const since = (given: Readonly<Record<string, number>>): Playing => new Map(Object.entries(given));
const nobody = since({});
const whoPlays = (...[given, places, before, nowMs]: Parameters<typeof allotPlaces>) => [...allotPlaces(given, places, before, nowMs).playing.keys()];

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
    const shared = allotPlaces(given, 1, since({ playing: start }), start + keepMs - 1);
    expect([...shared.playing]).toEqual([['playing', start]]);
    expect(shared.againMs).toBe(start + keepMs);
  });

  it('makes way after that for who has more to say for itself', () => {
    const given = wishes({ playing: {}, stuck: { needsYou: true } });
    expect([...allotPlaces(given, 1, since({ playing: start }), start + keepMs).playing]).toEqual([['stuck', start + keepMs]]);
  });

  it('does not take turns with its equals', () => {
    const given = wishes({ other: { inView: 1 }, playing: { inView: 0.75 } });
    const shared = allotPlaces(given, 1, since({ playing: start }), start + 60_000);
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
