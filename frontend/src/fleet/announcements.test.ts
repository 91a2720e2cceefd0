import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type DisplayKind, statusSchema } from '@/api/status';
import { texts } from '@/texts';
import { past } from '@/texts/format';
import { Announcements, calmMs } from './announcements';
import { Damping, steadyMs } from './damping';
import { printerHeadline, wallHeadline } from './headline';
import type { Seen } from './overview';

const now = Date.UTC(2026, 0, 18, 20, 15);

const seen = (id: number, kind: DisplayKind, percent = 47, wasPrinting = true, more: Record<string, unknown> = {}): Seen => ({
  id,
  name: `P${id}`,
  status: v.parse(statusSchema, {
    connected: true,
    jobState: null,
    percent,
    remainingMinutes: 100 - percent,
    nozzleC: null,
    bedC: null,
    chamberC: null,
    light: null,
    lastUpdate: now,
    display: { kind, sentence: 'So it is.', wasPrinting, ...more },
    job: { phase: kind === 'printing' ? 'running' : 'idle' },
  }),
});

describe('the tab', () => {
  it.each<[DisplayKind, string]>([
    ['printing', '47 % · P1'],
    ['paused', 'Paused · P1'],
    ['idle', 'P1'],
    ['stopped', 'Stopped · P1'],
    ['failed', 'Failed · P1'],
    ['finished', 'Finished · P1'],
    ['needs-you', 'Needs you · P1'],
  ])('of a printer that is %s says “%s”', (kind, title) => {
    expect(printerHeadline('P1', seen(1, kind).status, now)).toEqual({ words: title, isAlarm: kind === 'needs-you' });
  });

  it.each([
    ['needs-you', 'Offline, needed you · P1'],
    ['printing', 'Offline, was printing · P1'],
    ['idle', 'Offline · P1'],
  ] as const)('of a printer that is away and was %s says “%s”', (before, title) => {
    const away = seen(1, 'offline', 0, false, { before: { kind: before, sentence: 'So it was.' } });
    expect(printerHeadline('P1', away.status, now)).toEqual({ words: title, isAlarm: true });
  });

  it('does not change for a note', () => {
    const noted = seen(1, 'printing', 47, true, { note: 'The lens of the nozzle camera is dirty.' });
    expect(printerHeadline('P1', noted.status, now)).toEqual({ words: '47 % · P1', isAlarm: false });
  });

  it.each<[string, readonly Seen[], string | null]>([
    ['who needs somebody', [seen(1, 'printing'), seen(2, 'needs-you')], 'Needs you · P2'],
    ['how many do', [seen(1, 'needs-you'), seen(2, 'needs-you')], '2 need you'],
    ['whose print is out of sight', [seen(1, 'printing'), seen(2, 'offline')], 'Offline, was printing · P2'],
    ['who needed somebody before it went', [seen(1, 'printing'), seen(2, 'offline', 0, false, { before: { kind: 'needs-you' } })], 'Offline, needed you · P2'],
    ['which print failed, where none goes on', [seen(1, 'idle'), seen(2, 'failed', 0, false)], 'Failed · P2'],
    ['nothing of a failed print beside one that goes on', [seen(1, 'printing'), seen(2, 'failed', 0, false)], '47 % · P1'],
    ['nothing of a print that somebody stopped', [seen(1, 'idle'), seen(2, 'stopped', 0, false)], null],
    ['which print is done next', [seen(1, 'printing', 12), seen(2, 'printing', 90), seen(3, 'offline', 0, false)], '90 % · P2'],
    ['nothing where nothing goes on', [seen(1, 'idle'), seen(2, 'offline', 0, false)], null],
    ['nothing before anything is known', [{ id: 1, name: 'P1', status: null }], null],
  ])('of the wall says %s', (_, printers, title) => {
    expect(wallHeadline(printers, now).words).toBe(title);
  });
});

const said = (id: number, kind: DisplayKind) => texts.status.announce(`P${id}`, texts.status.kinds[kind], 'So it is.');

/** What is said while the states of each second go by; `null` in between. */
const over = (states: readonly Seen[]): readonly string[] => {
  const announcements = new Announcements();
  announcements.hear([seen(1, 'printing')], 0);
  return states.flatMap((state, second) => announcements.hear([state], (second + 1) * 1_000) ?? []);
};
const flapping = (seconds: number) => Array.from({ length: seconds }, (_, n) => seen(1, n % 2 === 0 ? 'needs-you' : 'printing'));
const calm = (kind: DisplayKind) => Array.from({ length: steadyMs / 1_000 + 1 }, () => seen(1, kind));

describe('aloud', () => {
  it('nothing is said of how things are, only of what changes', () => {
    const announcements = new Announcements();
    expect(announcements.hear([seen(1, 'printing')], 0)).toBeNull();
    expect(announcements.hear([seen(1, 'printing', 48)], 1_000)).toBeNull();
    expect(announcements.hear([seen(1, 'finished')], 2_000)).toBe(said(1, 'finished'));
  });

  it('one change is said every few seconds, the most urgent first', () => {
    const announcements = new Announcements();
    announcements.hear([seen(1, 'printing'), seen(2, 'printing')], 0);
    expect(announcements.hear([seen(1, 'finished'), seen(2, 'needs-you')], 1_000)).toBe(said(2, 'needs-you'));
    expect(announcements.hear([seen(1, 'finished'), seen(2, 'needs-you')], 1_000 + calmMs - 1)).toBeNull();
    expect(announcements.hear([seen(1, 'finished'), seen(2, 'needs-you')], 1_000 + calmMs)).toBe(said(1, 'finished'));
  });

  it('a finished print comes before one that begins, and a failed one before both', () => {
    const announcements = new Announcements();
    announcements.hear([seen(1, 'idle'), seen(2, 'printing'), seen(3, 'printing')], 0);
    const after = [seen(1, 'printing'), seen(2, 'finished'), seen(3, 'failed')];
    expect([0, 1, 2].map((turn) => announcements.hear(after, 1_000 + turn * calmMs))).toEqual([said(3, 'failed'), said(2, 'finished'), said(1, 'printing')]);
  });

  it('a printer that goes away says what it was', () => {
    const announcements = new Announcements();
    announcements.hear([seen(1, 'needs-you')], 0);
    const since = now - 3_600_000;
    const gone = seen(1, 'offline', 0, false, { since, before: { kind: 'needs-you', sentence: 'Filament ran out in AMS A, slot 3.' } });
    const sentence = `${texts.status.offlineSince(past(since, now))}; it needed you then: Filament ran out in AMS A, slot 3.`;
    expect(announcements.hear([gone], now)).toBe(`P1: ${sentence}`);
  });

  it('a note is no news', () => {
    const announcements = new Announcements();
    announcements.hear([seen(1, 'printing')], 0);
    expect(announcements.hear([seen(1, 'printing', 47, true, { note: 'The lens is dirty.' })], 1_000)).toBeNull();
  });

  it('what comes and goes each second for five minutes is said once', () => {
    expect(over(flapping(300))).toEqual([said(1, 'needs-you')]);
  });

  it('what comes back within 30 s is said once, too', () => {
    const slow = Array.from({ length: 600 }, (_, n) => seen(1, Math.floor(n / 30) % 2 === 0 ? 'needs-you' : 'printing'));
    expect(over(slow)).toEqual([said(1, 'needs-you')]);
  });

  it('where it comes to rest is said when it has been calm for a while', () => {
    expect(over([...flapping(100), ...calm('printing')])).toEqual([said(1, 'needs-you'), said(1, 'printing')]);
    expect(over([...flapping(100), ...calm('needs-you')])).toEqual([said(1, 'needs-you')]);
    expect(over([...flapping(100), ...calm('printing'), ...flapping(9)])).toEqual([said(1, 'needs-you'), said(1, 'printing'), said(1, 'needs-you')]);
  });

  it('another reason is news, also while the first one comes and goes', () => {
    const other = seen(1, 'needs-you', 47, true, { sentence: 'The nozzle is clogged.' });
    expect(over([...flapping(20), other, seen(1, 'printing'), ...flapping(20), other])).toEqual([
      said(1, 'needs-you'),
      texts.status.announce('P1', texts.status.kinds['needs-you'], 'The nozzle is clogged.'),
    ]);
  });

  it('many changes at once are one sentence and a number', () => {
    const announcements = new Announcements();
    const ids = [1, 2, 3, 4, 5];
    announcements.hear(ids.map((id) => seen(id, 'printing')), 0);
    const gone = ids.map((id) => seen(id, 'offline', 0, false));
    expect(announcements.hear(gone, 1_000)).toBe(`${said(1, 'offline')} ${texts.announce.others(4)}`);
    expect(announcements.hear(gone, 1_000 + calmMs)).toBeNull();
  });
});

describe('damping', () => {
  it('lets through what is new or long past, and holds back what was so a moment ago', () => {
    const damping = new Damping();
    expect(damping.enter('calm', 0)).toBe(0);
    expect(damping.enter('alarm', 1_000)).toBe(0);
    expect(damping.enter('calm', 2_000)).toBe(steadyMs);
    // It has to hold from then on.
    expect(damping.enter('calm', 12_000)).toBe(steadyMs - 10_000);
    expect(damping.enter('alarm', 13_000)).toBe(steadyMs);
    expect(damping.enter('calm', 13_000 + steadyMs)).toBe(0);
  });
});
