import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { cameraSchema } from '@/api/schemas';
import { type Status, statusSchema } from '@/api/status';
import { texts } from '@/texts';
import { connectionsOf } from './links';
import { flappingIn, networkIn, signalOf } from './wifi';

const words = texts.health;
const now = 1_000_000_000;
const minute = 60_000;

const status = (step: string, heardMsAgo: number | null): Status =>
  v.parse(statusSchema, {
    connected: ['live', 'quiet', 'silent'].includes(step),
    jobState: null,
    percent: null,
    remainingMinutes: null,
    nozzleC: null,
    bedC: null,
    chamberC: null,
    light: null,
    lastUpdate: heardMsAgo === null ? null : now - heardMsAgo,
    link: { step, sentence: 'So it is.' },
    display: { kind: 'printing' },
  });

const camera = (step: string) => v.parse(cameraSchema, { step, sentence: '', since: null });
const ways = (...of: Parameters<typeof connectionsOf>) => connectionsOf(...of).map(({ state, mood }) => [state, mood]);

describe('the links', () => {
  it.each([
    ['live', 2_000, ['2 s ago', 'well']],
    ['live', 40_000, ['40 s ago', 'well']],
    ['live', 100_000, [words.silent('1 min'), 'broken']],
    ['quiet', 135_000, [words.quiet('2 min'), 'well']],
    ['silent', 76_000, [words.silent('1 min'), 'broken']],
    ['retrying', 40_000, [words.linkSteps.retrying, 'broken']],
    ['refused', null, [words.linkSteps.refused, 'broken']],
    ['signing-in', null, [words.linkSteps['signing-in'], 'waiting']],
    ['dancing', null, [words.unknown, 'waiting']],
  ])('to a printer that is %s and was heard %s ms ago', (step, heardMsAgo, expected) => {
    expect(ways('live', status(step, heardMsAgo), null, now)[1]).toEqual(expected);
  });

  it.each([
    ['live', [words.cameraLive, 'well']],
    ['stalled', [words.cameraAway, 'broken']],
    ['connecting', [words.cameraAway, 'waiting']],
    ['switched-off', [words.cameraOff, 'absent']],
    ['no-camera', [words.cameraNone, 'absent']],
  ])('to a camera that is %s', (step, expected) => {
    expect(ways('polling', null, camera(step), now)[2]).toEqual(expected);
  });

  it('behind one that is cut off are not known', () => {
    expect(ways('lost', status('live', 0), camera('live'), now)).toEqual([
      [words.pageStates.lost, 'broken'],
      [words.unknown, 'unknown'],
      [words.unknown, 'unknown'],
    ]);
  });
});

describe('a printer’s radio', () => {
  it.each([
    [-50, 'strong'],
    [-61, 'good'],
    [-70, 'fair'],
    [-80, 'weak'],
  ])('of %i dBm is %s', (dbm, expected) => {
    expect(signalOf(dbm)).toBe(expected);
  });

  it('is none where there is a cable, and unknown where nobody says', () => {
    expect(networkIn({ wired: true, wifiDbm: null })).toEqual({ words: words.wired, signal: null });
    expect(networkIn({ wired: false, wifiDbm: null })).toBeNull();
  });

  it.each([
    [null, words.flappingWifi(4, '20 min')],
    [{ wired: false, wifiDbm: -79 }, words.flappingWifi(4, '20 min')],
    [{ wired: false, wifiDbm: -50 }, words.flapping(4, '20 min')],
    [{ wired: true, wifiDbm: null }, words.flapping(4, '20 min')],
  ])('is asked about only where it can be at fault: %o', (network, expected) => {
    expect(flappingIn(network, { times: 4, spanMs: 20 * minute })).toBe(expected);
    expect(flappingIn(network, { times: 2, spanMs: 20 * minute })).toBeNull();
  });
});
