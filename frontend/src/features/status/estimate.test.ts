import { describe, expect, it } from 'vitest';
import type { Status } from '@/api/status';
import { estimateOf } from './estimate';

const now = 1_000_000_000;
const minute = 60_000;

const print = (phase: Status['job']['phase'], heardMinutesAgo: number, remainingMinutes: number | null = 40): Parameters<typeof estimateOf>[0] => ({
  connected: true,
  lastUpdate: now - heardMinutesAgo * minute,
  job: { id: '7', name: 'bracket', phase, layer: 1, totalLayers: 2, stage: null, startTime: null, finishTime: null },
  percent: 60,
  remainingMinutes,
});

describe('a print that is heard', () => {
  it('is as far as the printer says', () => {
    expect(estimateOf(print('running', 0), now)).toEqual({ percent: 60, leftMinutes: 40, finishMs: now + 40 * minute, isReckoned: false });
  });
});

describe('a print that has fallen silent', () => {
  it('has probably gone on', () => {
    expect(estimateOf(print('running', 10), now)).toEqual({ percent: 70, leftMinutes: 30, finishMs: now + 30 * minute, isReckoned: true });
  });

  it('is never reckoned to its end', () => {
    expect(estimateOf(print('running', 60), now)).toMatchObject({ percent: 99, leftMinutes: 0, isReckoned: true });
  });

  it('has not gone on when it was paused, or when nobody knew how long it takes', () => {
    expect(estimateOf(print('paused', 10), now)).toEqual({ percent: 60, leftMinutes: 40, finishMs: null, isReckoned: false });
    expect(estimateOf(print('running', 10, null), now)).toMatchObject({ percent: 60, isReckoned: false });
  });
});
