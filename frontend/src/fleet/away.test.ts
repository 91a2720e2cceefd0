import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type Display, statusSchema } from '@/api/status';
import { past } from '@/texts/format';
import { awaySentence, leftBehind } from './away';

const now = new Date(2026, 0, 21, 20, 15).getTime();
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const at = (day: number, hour: number, minute: number): number => new Date(2026, 0, day, hour, minute).getTime();

describe('a moment of the past', () => {
  it.each([
    [at(21, 9, 12), clock.format(at(21, 9, 12))],
    [at(21, 0, 0), clock.format(at(21, 0, 0))],
    [at(20, 23, 59), `yesterday ${clock.format(at(20, 23, 59))}`],
    [at(20, 0, 1), `yesterday ${clock.format(at(20, 0, 1))}`],
    [at(19, 22, 14), `Monday ${clock.format(at(19, 22, 14))}`],
    [at(15, 7, 0), `Thursday ${clock.format(at(15, 7, 0))}`],
  ])('%i is “%s”', (moment, expected) => {
    expect(past(moment, now)).toBe(expected);
  });

  it('of a week ago has its date', () => {
    expect(past(at(14, 7, 0), now)).toContain('14');
    expect(past(at(14, 7, 0), now)).not.toContain('Wednesday');
  });
});

const away = (news: Record<string, unknown>): Display =>
  v.parse(statusSchema, {
    connected: false,
    jobState: null,
    percent: null,
    remainingMinutes: null,
    nozzleC: null,
    bedC: null,
    chamberC: null,
    light: null,
    lastUpdate: null,
    display: { kind: 'offline', sentence: 'It does not answer.', ...news },
  }).display;

describe('a printer that is away', () => {
  const since = new Date(2026, 0, 21, 18, 4).toISOString();
  const clockOfSince = clock.format(at(21, 18, 4));

  it.each([
    [{ since, before: { kind: 'needs-you', sentence: 'Filament ran out in AMS A, slot 3.' } }, `Offline since ${clockOfSince}; it needed you then: Filament ran out in AMS A, slot 3.`],
    [{ since, before: { kind: 'needs-you', sentence: '' } }, `Offline since ${clockOfSince}; it needed you then.`],
    [{ since, before: { kind: 'printing', sentence: 'Printing.' } }, `Offline since ${clockOfSince}; it was printing then.`],
    [{ since, before: { kind: 'paused', sentence: 'Paused.' } }, `Offline since ${clockOfSince}; its print was paused then.`],
    [{ since, wasPrinting: true }, `Offline since ${clockOfSince}; it was printing then.`],
    [{ since, before: { kind: 'idle', sentence: 'Nothing to do.' } }, null],
    [{ since, before: { kind: 'stopped', sentence: 'Stopped.' } }, null],
    [{ since }, null],
    [{ before: { kind: 'printing', sentence: 'Printing.' } }, 'Offline; it was printing then.'],
    [{ kind: 'no-data', before: { kind: 'printing', sentence: 'Printing.' } }, 'No data; it was printing then.'],
    [{ kind: 'idle', before: { kind: 'printing', sentence: 'Printing.' } }, null],
  ])('and told %o says: %s', (news, expected) => {
    expect(awaySentence(away(news), null, now)).toBe(expected);
  });

  it('is away since it was heard, where the service does not say since when', () => {
    expect(awaySentence(away({ wasPrinting: true }), at(21, 18, 4), now)).toBe(`Offline since ${clockOfSince}; it was printing then.`);
  });

  it.each([
    [{ before: { kind: 'needs-you' } }, 'needed'],
    [{ before: { kind: 'needs-you' }, wasPrinting: true }, 'needed'],
    [{ before: { kind: 'preparing' } }, 'busy'],
    [{ wasPrinting: true }, 'busy'],
    [{ before: { kind: 'finished' } }, null],
    [{}, null],
  ])('and told %o left behind: %s', (news, expected) => {
    expect(leftBehind(away(news))).toBe(expected);
  });
});
