import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { statusSchema } from '@/api/status';
import type { Fleet } from './fleet';
import { ReconnectLog } from './reconnects';

const minute = 60_000;
const empty = { jobState: null, percent: null, remainingMinutes: null, nozzleC: null, bedC: null, chamberC: null, light: null, lastUpdate: null };

const fleet = (reconnects: number): Fleet =>
  new Map([[1, { id: 1, name: 'Garage', status: v.parse(statusSchema, { ...empty, connected: true, link: { reconnects } }), camera: null }]]);

const after = (...counts: readonly (readonly [minutes: number, count: number])[]): ReconnectLog => {
  const reconnectLog = new ReconnectLog();
  for (const [minutes, count] of counts) {
    reconnectLog.observe(fleet(count), minutes * minute);
  }
  return reconnectLog;
};

describe('lost connections', () => {
  it('are those that were seen', () => {
    expect(after([0, 40]).of(1, minute)).toBeNull();
    expect(after([0, 40], [1, 41], [5, 43]).of(1, 11 * minute)).toEqual({ times: 3, spanMs: 10 * minute });
  });

  it('are forgotten after an hour', () => {
    expect(after([0, 0], [1, 1], [50, 2]).of(1, 62 * minute)).toEqual({ times: 1, spanMs: 12 * minute });
  });

  it('are not laid to the last hour when the page slept for longer, nor when the service began anew', () => {
    expect(after([0, 0], [90, 9]).of(1, 91 * minute)).toBeNull();
    expect(after([0, 9], [1, 0]).of(1, 2 * minute)).toBeNull();
  });
});
