import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type DisplayKind, statusSchema } from '@/api/status';
import { type Choice, type Seen, type Sort, countKinds, matches, sorted } from './overview';

const now = Date.UTC(2026, 0, 18, 20, 15);
const minute = 60_000;

interface News {
  readonly kind: DisplayKind;
  readonly was?: boolean;
  readonly before?: DisplayKind;
  readonly left?: number;
  readonly ageMs?: number;
  readonly job?: string;
}

let ids = 0;
const seen = (name: string, { kind, was = false, before, left = 0, ageMs = 0, job }: News): Seen => ({
  id: (ids += 1),
  name,
  status: v.parse(statusSchema, {
    connected: true,
    jobState: null,
    percent: 47,
    remainingMinutes: left,
    nozzleC: null,
    bedC: null,
    chamberC: null,
    light: null,
    lastUpdate: now - ageMs,
    display: { kind, sentence: '', wasPrinting: was, before: before === undefined ? null : { kind: before, sentence: 'So it was.' } },
    job: { phase: kind === 'printing' ? 'running' : 'idle', name: job },
    model: 'X1C',
  }),
});

const names = (printers: readonly Seen[], sort: Sort): string => sorted(printers, sort, now).map(({ name }) => name).join(' ');

const fleet: readonly Seen[] = [
  seen('off', { kind: 'offline' }),
  seen('idle', { kind: 'idle' }),
  seen('heating', { kind: 'preparing' }),
  seen('late', { kind: 'printing', left: 90 }),
  seen('soon', { kind: 'printing', left: 5 }),
  seen('done', { kind: 'finished' }),
  seen('broken', { kind: 'failed' }),
  seen('ended', { kind: 'stopped' }),
  seen('left', { kind: 'offline', before: 'needs-you' }),
  seen('swept', { kind: 'offline', before: 'finished' }),
  seen('silent', { kind: 'no-data', was: true }),
  seen('gone', { kind: 'offline', was: true }),
  seen('held', { kind: 'paused' }),
  seen('help', { kind: 'needs-you' }),
  { id: 99, name: 'new', status: null },
];

describe('the order', () => {
  it('puts problems first, then what ends soonest, and what is switched off last', () => {
    expect(names(fleet, 'problem')).toBe('help held left gone silent broken done soon late heating ended idle off swept new');
  });

  it('by finish time puts prints first, by name nothing', () => {
    expect(names(fleet, 'finish')).toBe('soon late help held left gone silent broken done heating ended idle off swept new');
    expect(names([seen('P10', { kind: 'idle' }), seen('p9', { kind: 'needs-you' }), seen('P1', { kind: 'idle' })], 'name')).toBe('P1 p9 P10');
  });

  it('does not change while two prints end in the same minute', () => {
    const a = seen('a', { kind: 'printing', left: 5, ageMs: 0 });
    const b = seen('b', { kind: 'printing', left: 5, ageMs: 900 });
    expect(names([a, b], 'finish')).toBe('a b');
  });

  it('of those that are away begins with who needed somebody, then whose print went on', () => {
    const away = (['idle', 'printing', 'needs-you', 'paused', 'stopped', 'preparing'] as const).map((before) => seen(before, { kind: 'offline', before }));
    expect(names(away, 'problem')).toBe('needs-you paused preparing printing idle stopped');
  });

  it('takes an old “printing” for what it is', () => {
    const stale = seen('stale', { kind: 'printing', was: true, left: 5, ageMs: 3 * minute });
    expect(names([seen('soon', { kind: 'printing', left: 90 }), stale], 'problem')).toBe('stale soon');
    expect(countKinds([stale], now)).toEqual({ 'no-data': 1 });
  });
});

describe('the counts', () => {
  it('leave out what nothing is known of', () => {
    expect(countKinds(fleet, now)).toEqual({ offline: 4, idle: 1, preparing: 1, printing: 2, finished: 1, failed: 1, stopped: 1, 'no-data': 1, paused: 1, 'needs-you': 1 });
  });
});

describe('a search', () => {
  const printer = seen('Garage X1C', { kind: 'printing', left: 5, job: 'bracket_v3.3mf' });
  it.each<[Partial<Choice>, boolean]>([
    [{}, true],
    [{ q: ' garage ' }, true],
    [{ q: 'BRACKET x1' }, true],
    [{ q: 'garage attic' }, false],
    [{ filter: 'printing', q: 'gar' }, true],
    [{ filter: 'paused' }, false],
  ])('for %j finds: %s', (choice, found) => {
    expect(matches(printer, { filter: null, q: '', ...choice }, now)).toBe(found);
  });
});
