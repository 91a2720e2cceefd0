import { describe, expect, it } from 'vitest';
import { ServerClock } from './serverClock';

/** Answers of a service whose clock is `aheadMs` ahead, one every 333 ms, each of which takes 20 ms. */
function clockAfter(answers: number, aheadMs: number, before = new ServerClock()): ServerClock {
  for (let n = 0; n < answers; n += 1) {
    const sent = 1_700_000_000_000 + n * 333;
    const date = Math.floor((sent + 10 + aheadMs) / 1_000) * 1_000;
    before.observe(date, sent, sent + 20);
  }
  return before;
}

describe('the service’s clock', () => {
  it('is this device’s until anything is known, and while that is possible', () => {
    expect(new ServerClock().offsetMs).toBe(0);
    expect(clockAfter(20, 0).offsetMs).toBe(0);
    expect(clockAfter(20, 15).offsetMs).toBe(0);
  });

  it.each([4_321, -7_654, 86_400_000])('is found within a sixth of a second when it is %i ms ahead, from whole seconds', (aheadMs) => {
    expect(Math.abs(clockAfter(20, aheadMs).offsetMs - aheadMs)).toBeLessThan(170);
  });

  it('is found anew when one of the clocks is set', () => {
    expect(Math.abs(clockAfter(20, -5_000, clockAfter(20, 3_600_000)).offsetMs + 5_000)).toBeLessThan(170);
  });

  it('ignores an answer without a date, and one from the past', () => {
    const clock = clockAfter(20, 5_000);
    const { offsetMs } = clock;
    clock.observe(Number.NaN, 0, 1);
    clock.observe(0, 10, 5);
    expect(clock.offsetMs).toBe(offsetMs);
  });
});
