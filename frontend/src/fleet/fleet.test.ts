import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type Status, statusSchema } from '@/api/status';
import { type Fleet, apply } from './fleet';
import { believable, freshnessOf, isVouchedFor } from './freshness';

const status = (news: Record<string, unknown> = {}): Status =>
  v.parse(statusSchema, {
    connected: true,
    jobState: 'RUNNING',
    percent: 42,
    remainingMinutes: 12,
    nozzleC: 215,
    bedC: 60,
    chamberC: null,
    light: 'off',
    lastUpdate: 1_000,
    display: { kind: 'printing', sentence: 'Printing.' },
    job: { id: '7', name: 'bracket', phase: 'running' },
    ...news,
  });
const entry = (id: number, news = {}) => ({ id, name: `P${id}`, status: status(news), camera: null });
const two: Fleet = apply(new Map(), { type: 'snapshot', build: null, printers: [entry(1), entry(2)] });

describe('an event', () => {
  it('replaces the whole fleet by a snapshot', () => {
    const after = apply(two, { type: 'snapshot', build: null, printers: [entry(2), entry(3)] });
    expect([...after.keys()]).toEqual([2, 3]);
    expect(after.get(2)).toBe(two.get(2));
  });

  it('changes one printer, and of it only what is new', () => {
    const after = apply(two, { type: 'printer', id: 1, status: status({ percent: 43 }) });
    expect(after.get(1)?.status?.percent).toBe(43);
    expect(after.get(1)?.status?.job).toBe(two.get(1)?.status?.job);
    expect(after.get(2)).toBe(two.get(2));
    expect(two.get(1)?.status?.percent).toBe(42);
  });

  it('that says nothing new leaves everything as it is', () => {
    expect(apply(two, { type: 'snapshot', build: null, printers: [entry(1), entry(2)] })).toBe(two);
    expect(apply(two, { type: 'printer', id: 1, status: status() })).toBe(two);
    expect(apply(two, { type: 'removed', id: 9 })).toBe(two);
  });

  it('brings no printer back that was removed', () => {
    const after = apply(two, { type: 'removed', id: 1 });
    expect([...after.keys()]).toEqual([2]);
    expect(apply(after, { type: 'printer', id: 1, status: status() })).toBe(after);
  });

  it('adds a printer, or replaces an edited one', () => {
    expect(apply(two, { type: 'added', ...entry(3) }).get(3)?.name).toBe('P3');
    expect(apply(two, { type: 'added', ...entry(1), name: 'Garage', status: null }).get(1)).toMatchObject({ name: 'Garage', status: null });
  });
});

describe('freshness', () => {
  it.each([
    [0, 'fresh'],
    [9_999, 'fresh'],
    [10_000, 'aging'],
    [30_000, 'old'],
    [-5_000, 'fresh'],
  ])('of a report of %i ms ago is %s', (ageMs, expected) => {
    expect(freshnessOf({ connected: true, lastUpdate: 1_000_000 }, 1_000_000 + ageMs)).toBe(expected);
  });

  it('of what was never reported, or has no link, is none', () => {
    expect(freshnessOf({ connected: true, lastUpdate: null }, 0)).toBe('old');
    expect(freshnessOf({ connected: false, lastUpdate: 0 }, 0)).toBe('old');
  });

  it.each([
    ['printing', 'no-data'],
    ['idle', 'no-data'],
    ['offline', 'offline'],
    ['needs-you', 'needs-you'],
    ['stopped', 'no-data'],
  ] as const)('of two minutes makes of %s: %s', (kind, expected) => {
    const shown = status({ display: { kind }, lastUpdate: 0 });
    expect(believable(shown, 120_000).kind).toBe(expected);
    expect(believable(shown, 60_000).kind).toBe(kind);
  });

  it('that ran out remembers what the printer was, and none of its notes', () => {
    const shown = status({ display: { kind: 'printing', sentence: 'Printing.', note: 'The lens is dirty.' }, lastUpdate: 0 });
    expect(believable(shown, 120_000)).toMatchObject({ kind: 'no-data', note: null, before: { kind: 'printing', sentence: 'Printing.' } });
  });
});

describe('a quiet printer', () => {
  const quiet = { display: { kind: 'preparing', sentence: 'Preparing the print.' }, link: { step: 'quiet' }, lastUpdate: 0 };

  it('keeps its state for as long as the service says that it is quiet', () => {
    expect(believable(status(quiet), 3_600_000).kind).toBe('preparing');
    expect(isVouchedFor(status(quiet))).toBe(true);
    expect(isVouchedFor(status({ ...quiet, link: { step: 'silent' } }))).toBe(false);
    expect(isVouchedFor(status({ ...quiet, connected: false }))).toBe(false);
  });

  it('is one of which nobody knows anything when the service itself is not heard', () => {
    const fleet = apply(new Map(), { type: 'snapshot', build: null, printers: [entry(1, quiet), entry(2)] });
    const after = apply(fleet, { type: 'unheard' });
    const [first, second] = [after.get(1)?.status, after.get(2)];
    expect(first && believable(first, 120_000).kind).toBe('no-data');
    expect(second).toBe(fleet.get(2));
    expect(apply(after, { type: 'unheard' })).toBe(after);
  });
});
