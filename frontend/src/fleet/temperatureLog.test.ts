import { describe, expect, it } from 'vitest';
import { continued, isBehind, kept, mostValues, nothingYet } from './temperatureLog';

const start = 1_000_000;
const history = kept({ everySeconds: 10, until: start, nozzleC: [218, 219, null], bedC: [60, 60, 60], chamberC: [null, null, null] }, start);
const now = { nozzleC: 221, bedC: 61, chamberC: null };

describe('a history of temperatures', () => {
  it('goes on with what is heard, each ten seconds', () => {
    expect(continued(history, start + 9_999, now)).toBe(history);
    expect(continued(history, start + 10_000, now)).toEqual({
      everyMs: 10_000,
      untilMs: start + 10_000,
      nozzleC: [218, 219, null, 221],
      bedC: [60, 60, 60, 61],
      chamberC: [null, null, null, null],
    });
  });

  it('guesses nothing for what was missed', () => {
    expect(continued(history, start + 35_000, now)).toMatchObject({ untilMs: start + 30_000, nozzleC: [218, 219, null, null, null, 221] });
  });

  it('is asked for anew when much was missed', () => {
    expect(isBehind(history, start + 30_000)).toBe(false);
    expect(isBehind(history, start + 40_000)).toBe(true);
  });

  it('is a half hour long, and no longer after a night asleep', () => {
    const full = continued(history, start + 10_000_000, now);
    expect(full.bedC).toHaveLength(mostValues);
    expect(full.bedC.at(-1)).toBe(61);
  });

  it('begins with nothing where the service keeps none', () => {
    expect(continued(nothingYet(start), start + 10_000, now).nozzleC).toEqual([221]);
  });
});
