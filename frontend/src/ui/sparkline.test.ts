import { describe, expect, it } from 'vitest';
import { areaOf, lineOf, rangeOf, stretchesOf } from './sparkline';

const box = { width: 100, height: 20 };

describe('a sparkline', () => {
  it('reaches from the lowest to the highest, the target included', () => {
    expect(rangeOf([20, null, 90], 220, 10)).toEqual({ low: 20, high: 220 });
  });

  it('makes no mountain of a degree', () => {
    expect(rangeOf([60, 61], null, 11)).toEqual({ low: 55, high: 66 });
  });

  it('is not there where nothing is known', () => {
    expect(rangeOf([null, null], 220, 10)).toBeNull();
  });

  it('ends at the right, and leaves gaps where nobody knows', () => {
    const stretches = stretchesOf([0, 10, null, 5], 5, { low: 0, high: 10 }, box);
    expect(stretches).toEqual([[[25, 20], [50, 0]], [[100, 10]]]);
    expect(stretches.map(lineOf)).toEqual(['M25 20L50 0', 'M100 10h0.01']);
    expect(stretches[0] && areaOf(stretches[0], box)).toBe('M25 20L25 20L50 0V20Z');
  });
});
