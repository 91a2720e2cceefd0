import { describe, expect, it } from 'vitest';
import { allotPlaces } from './allotPlaces';
import { type Circumstances, boundsIn, learn, unlimited } from './capacity';

const desk: Circumstances = { saver: false, saveData: false, multiplexed: true, narrow: false, sustained: Infinity };

describe('there is room for', () => {
  it.each([
    ['nine over HTTP/2', {}, 9, 'screen'],
    ['four on a phone', { narrow: true }, 4, 'screen'],
    ['two over HTTP/1.1', { multiplexed: false }, 2, 'plainHttp'],
    ['one where data is to be saved', { saveData: true }, 1, 'meteredNetwork'],
    ['as many as the decoder keeps up with', { sustained: 3 }, 3, 'slowDevice'],
    ['none where the person wants stills', { saver: true, multiplexed: false }, 0, 'saver'],
  ] as const)('%s', (_, given, places, reason) => {
    const cost = { decoders: 1, connections: 2 };
    const ten = Array.from({ length: 10 }, (_each, order) => [String(order), { insists: false, needsYou: false, attended: false, inView: 1, away: false, order, cost }] as const);
    const { playing, reason: told } = allotPlaces(new Map(ten), boundsIn({ ...desk, ...given }), new Map(), 0);
    expect([playing.size, told]).toEqual([places, reason]);
  });
});

describe('a decoder', () => {
  const good = { total: 1_000, dropped: 50 };
  const bad = { total: 1_000, dropped: 51 };

  it('that drops more than one picture in twenty gets half as many cameras, and never none', () => {
    expect(learn(unlimited, 9, bad, 7).places).toBe(5);
    expect(learn(unlimited, 1, bad, 7).places).toBe(1);
    expect(learn(unlimited, 9, good, 7).places).toBe(Infinity);
  });

  it('gets one more after a good minute', () => {
    const slow = learn(unlimited, 4, bad, 0);
    expect(learn(slow, 2, good, 59_999)).toBe(slow);
    expect(learn(slow, 2, good, 60_000)).toEqual({ places: 3, goodSinceMs: 60_000 });
  });

  it('is not judged by a few pictures', () => {
    expect(learn(unlimited, 9, { total: 59, dropped: 59 }, 7)).toBe(unlimited);
  });
});
