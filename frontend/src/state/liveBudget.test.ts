import { describe, expect, it } from 'vitest';
import { type Grant, limitsFor, share } from './liveBudget';

const wishes = (...keys: readonly string[]) => keys.map((key, rank) => ({ key, rank }));
const grants = (...held: readonly (readonly [string, Grant])[]) => new Map(held);
const http1 = limitsFor('http/1.1', false, false);

describe('the live budget', () => {
  it('gives two low-latency places over HTTP/1.1 and standard ones to the next', () => {
    expect([...share(wishes('a', 'b', 'c', 'd', 'e', 'f', 'g'), http1, grants()).values()]).toEqual([
      'lowLatency',
      'lowLatency',
      'standard',
      'standard',
      'standard',
      'standard',
      'wait',
    ]);
  });

  it('gives nine over HTTP/2, four on a phone, and one to who saves data', () => {
    expect(limitsFor('h2', false, false).lowLatency).toBe(9);
    expect(limitsFor('h3', true, false).lowLatency).toBe(4);
    expect(limitsFor('h2', false, true)).toEqual({ lowLatency: 1, standard: 0 });
  });

  it('takes an unknown protocol for the narrow one', () => {
    expect(limitsFor('', false, false).lowLatency).toBe(2);
  });

  it('gives by rank, not by who asked first', () => {
    const shared = share([{ key: 'late', rank: 9 }, { key: 'early', rank: 0 }], { lowLatency: 1, standard: 0 }, grants());
    expect(shared).toEqual(grants(['early', 'lowLatency'], ['late', 'wait']));
  });

  it('does not restart who plays when a better rank comes', () => {
    const held = grants(['b', 'lowLatency'], ['c', 'standard']);
    const shared = share(wishes('a', 'b', 'c'), { lowLatency: 1, standard: 1 }, held);
    expect(shared).toEqual(grants(['b', 'lowLatency'], ['c', 'standard'], ['a', 'wait']));
  });

  it('hands a place on when its holder leaves', () => {
    const shared = share(wishes('b'), { lowLatency: 1, standard: 0 }, grants(['a', 'lowLatency'], ['b', 'wait']));
    expect(shared).toEqual(grants(['b', 'lowLatency']));
  });
});
