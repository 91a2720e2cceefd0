import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type DisplayKind, statusSchema } from '@/api/status';
import { texts } from '@/texts/en';
import { Announcements, calmMs } from './announcements';
import { printerHeadline, wallHeadline } from './headline';
import type { Seen } from './overview';

const now = Date.UTC(2026, 0, 18, 20, 15);

const seen = (id: number, kind: DisplayKind, percent = 47, wasPrinting = true): Seen => ({
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
    display: { kind, sentence: 'So it is.', wasPrinting },
    job: { phase: kind === 'printing' ? 'running' : 'idle' },
  }),
});

describe('the tab', () => {
  it.each<[DisplayKind, string]>([
    ['printing', '47 % · P1'],
    ['paused', 'Paused · P1'],
    ['idle', 'P1'],
  ])('of a printer that is %s says “%s”', (kind, title) => {
    expect(printerHeadline('P1', seen(1, kind).status, now)).toBe(title);
  });

  it.each<[string, readonly Seen[], string | null]>([
    ['who needs somebody', [seen(1, 'printing'), seen(2, 'needs-you')], 'Needs you · P2'],
    ['how many do', [seen(1, 'needs-you'), seen(2, 'needs-you')], '2 need you'],
    ['whose print is out of sight', [seen(1, 'printing'), seen(2, 'offline')], 'Offline · P2'],
    ['which print is done next', [seen(1, 'printing', 12), seen(2, 'printing', 90), seen(3, 'offline', 0, false)], '90 % · P2'],
    ['nothing where nothing goes on', [seen(1, 'idle'), seen(2, 'offline', 0, false)], null],
    ['nothing before anything is known', [{ id: 1, name: 'P1', status: null }], null],
  ])('of the wall says %s', (_, printers, title) => {
    expect(wallHeadline(printers, now)).toBe(title);
  });
});

const said = (id: number, kind: DisplayKind) => texts.status.announce(`P${id}`, texts.status.kinds[kind], 'So it is.');

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

  it('many changes at once are one sentence and a number', () => {
    const announcements = new Announcements();
    const ids = [1, 2, 3, 4, 5];
    announcements.hear(ids.map((id) => seen(id, 'printing')), 0);
    const gone = ids.map((id) => seen(id, 'offline'));
    expect(announcements.hear(gone, 1_000)).toBe(`${said(1, 'offline')} ${texts.announce.others(4)}`);
    expect(announcements.hear(gone, 1_000 + calmMs)).toBeNull();
  });
});
