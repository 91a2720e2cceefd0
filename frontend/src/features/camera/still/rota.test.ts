import { describe, expect, it } from 'vitest';
import { choose, everyMs, nextDueMs } from './rota';

const place = (dueMs: number, busy = false) => ({ dueMs, busy });

describe('stills', () => {
  it.each([
    [1, 5_000],
    [4, 5_000],
    [16, 10_000],
    [64, 15_000],
    [200, 15_000],
  ])('of %i places are renewed every %i ms', (places, expected) => {
    expect(everyMs(places)).toBe(expected);
  });

  it('that were asked for together drift apart', () => {
    expect(nextDueMs(0, 4, 0)).toBe(4_000);
    expect(nextDueMs(0, 4, 1)).toBe(6_000);
  });
});

describe('the next turn', () => {
  it('is that of who waits longest', () => {
    const late = place(100);
    expect(choose([place(200), late, place(5_000)], 1_000)).toBe(late);
  });

  it('is nobody’s before it is due', () => {
    expect(choose([place(1_500), place(1_200)], 1_000)).toBe(200);
  });

  it('is not that of who is being served', () => {
    const other = place(900);
    expect(choose([place(0, true), other], 1_000)).toBe(other);
    expect(choose([place(0, true)], 1_000)).toBeNull();
    expect(choose([], 1_000)).toBeNull();
  });
});
