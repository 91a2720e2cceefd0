import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type Status, statusSchema } from '@/api/status';
import { texts } from '@/texts';
import { coming, duration, past } from '@/texts/format';
import { headline, slotContent, slotName, timeLeft, unitFacts, unitName } from './words';

const now = new Date(2026, 0, 18, 20, 15).getTime();
const minute = 60_000;

const status = (phase: string, news: Record<string, unknown> = {}): Status =>
  v.parse(statusSchema, {
    connected: true,
    jobState: null,
    percent: 47,
    remainingMinutes: 38,
    nozzleC: null,
    bedC: null,
    chamberC: null,
    light: null,
    lastUpdate: now,
    job: { phase },
    ...news,
  });

const left = (of: Status) => timeLeft(of, now);

describe('the time left', () => {
  it('comes with the time of day at which it ends', () => {
    expect(left(status('running'))).toEqual(['38 min left', coming(now + 38 * minute, now)]);
    expect(left(status('running', { job: { phase: 'running', finishTime: now + 40 * minute } }))).toEqual(['38 min left', coming(now + 40 * minute, now)]);
  });

  it('has no such time while the print is paused', () => {
    expect(left(status('paused'))).toEqual(['38 min left']);
  });

  it('is nothing where there is no print, or nobody knows', () => {
    expect(left(status('finished'))).toEqual([]);
    expect(left(status('running', { remainingMinutes: null }))).toEqual([]);
    expect(left(status('running', { lastUpdate: now - minute }))).toEqual([]);
  });

  it('says “tomorrow”', () => {
    expect(coming(now + 8 * 60 * minute, now)).toBe(texts.time.tomorrow(coming(now + 8 * 60 * minute, now + 8 * 60 * minute)));
  });

  it.each([
    [0, '0 min'],
    [59.6, '1 h'],
    [123, '2 h 3 min'],
    [1_680, '1 d 4 h'],
  ])('of %i minutes is %s', (minutes, expected) => {
    expect(duration(minutes)).toBe(expected);
  });
});

const being = (kind: string, news: Record<string, unknown> = {}): Status => status('running', { display: { kind, sentence: 'So it is.', ...news }, ...news });

describe('the headline', () => {
  it('keeps the state of a printer that is only quiet', () => {
    const quiet = being('preparing', { link: { step: 'quiet' } });
    expect(headline(quiet, now + 20 * minute, true)).toBe('Preparing');
    expect(headline(being('preparing', { link: { step: 'live' } }), now + 20 * minute, true)).toBe('No data 20 min');
  });

  it('says since when a printer is away, unless a sentence does', () => {
    const since = now - 5 * minute;
    expect(headline(being('offline', { since }), now, true)).toBe(texts.status.offlineSince(past(since, now)));
    expect(headline(being('offline', { since, before: { kind: 'printing', sentence: 'Printing.' } }), now, true)).toBe('Offline');
  });

  it('has the per cent of a print, and the age of silence', () => {
    expect(headline(being('printing'), now, false)).toBe('Printing 47 %');
    expect(headline(being('printing'), now + 2.5 * minute, false)).toBe('No data 2 min');
    expect(headline(being('offline', { lastUpdate: null }), now, true)).toBe('Offline');
  });
});

describe('a slot', () => {
  const slot = { id: 2, content: 'known', feeding: false, material: 'PLA', name: null, color: null, remainingPercent: null } as const;

  it.each([
    [0, null, 'A3'],
    [1, 'pro2', 'B3'],
    [16, null, 'A3'],
    [128, 'ht', 'HT-A'],
    [129, null, 'HT-B'],
  ])('of unit %i (%s) is called %s', (id, kind, expected) => {
    expect(slotName({ id, kind }, slot)).toBe(expected);
  });

  it('says what is known and guesses nothing', () => {
    expect(slotContent(slot)).toBe('PLA');
    expect(slotContent({ ...slot, content: 'unknown', material: null })).toBe(texts.status.unknownSpool);
    expect(slotContent({ ...slot, content: 'empty' })).toBe(texts.status.empty);
  });
});

describe('an AMS unit', () => {
  const unit = { id: 1, kind: 'pro2', extruder: 1, humidityPercent: 24, dryness: 4, temperatureC: 28.4, dryingMinutes: 0, slots: [] };
  const nozzle = { id: 1, place: 'left', active: true, nowC: null, targetC: null, diameterMm: null, kind: null };

  it.each([
    [0, 'ams', 'AMS A'],
    [1, 'pro2', 'AMS 2 Pro B'],
    [128, 'ht', 'AMS HT A'],
    [0, null, 'AMS A'],
  ])('%i of the kind %s is called %s', (id, kind, expected) => {
    expect(unitName({ id, kind })).toBe(expected);
  });

  it('says which nozzle it feeds only where there are two', () => {
    expect(unitFacts(unit, [nozzle])).toEqual(['28°', '24 % humidity']);
    expect(unitFacts(unit, [nozzle, { ...nozzle, id: 0, place: 'right' }])).toEqual(['feeds the left nozzle', '28°', '24 % humidity']);
  });

  it('says how dry it is where nobody measures the humidity, and how long it dries', () => {
    expect(unitFacts({ ...unit, humidityPercent: null, temperatureC: null, dryingMinutes: 90 }, [])).toEqual(['Drying, 1 h 30 min left', 'Dryness 4 of 5']);
  });
});
