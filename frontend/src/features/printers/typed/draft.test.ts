import { describe, expect, it } from 'vitest';
import type { Printer } from '@/api/schemas';
import { type Rules, type Typed, draftOf, mistakes, namesOtherHost, refusedFields } from './draft';

const good: Typed = {
  name: 'Garage',
  host: '192.168.1.10',
  serial: '00M1234ABC',
  accessCode: '12345678',
  rtspUrl: '',
  cameraUser: '',
  cameraPassword: '',
  cameraFingerprint: '',
};
const others = [{ name: 'Left', serial: '01P00A000000001' }];
const wrong = (change: Partial<Typed>, rules: Partial<Rules> = {}) =>
  Object.keys(mistakes({ ...good, ...change }, { saved: null, needsName: true, needsSerial: false, others, ...rules }));

describe('a typed printer', () => {
  it.each<[string, Partial<Typed>, readonly string[]]>([
    ['whole', {}, []],
    ['without a name', { name: '   ' }, ['name']],
    ['with a name of 100 characters', { name: '🖨'.repeat(100) }, []],
    ['with a name of 101 characters', { name: 'x'.repeat(101) }, ['name']],
    ['without an address', { host: '' }, ['host']],
    ['with an address in IPv6', { host: 'fd00::10' }, []],
    ['with a web address', { host: 'http://192.168.1.10' }, ['host']],
    ['with a port behind the address', { host: 'printer.local:8883' }, ['host']],
    ['that is there already, in lower case', { serial: ' 01p00a000000001' }, ['serial']],
    ['with a serial number in lower case and spaces around it', { serial: ' 00m1234abc ' }, []],
    ['with a serial number that is too short', { serial: '00M1234AB' }, ['serial']],
    ['with a topic wildcard for a serial number', { serial: '00M1234AB#' }, ['serial']],
    ['without an access code', { accessCode: '' }, ['accessCode']],
    ['with a camera address', { rtspUrl: 'rtsps://192.168.1.10:322/streaming/live/1' }, []],
    ['with a web address for its camera', { rtspUrl: 'https://192.168.1.10/' }, ['rtspUrl']],
    ['with a login in its camera’s address', { rtspUrl: 'rtsps://me:secret@192.168.1.99/live' }, ['rtspUrl']],
    ['with a fingerprint in colons', { cameraFingerprint: Array.from({ length: 32 }, () => 'aB').join(':') }, []],
    ['with half a fingerprint', { cameraFingerprint: 'ab'.repeat(16) }, ['cameraFingerprint']],
  ])('%s', (_, change, expected) => {
    expect(wrong(change)).toEqual(expected);
  });

  it.each<[string, Partial<Typed>, readonly string[]]>([
    ['is the same', {}, []],
    ['is spelt in another way', { host: ' Printer.Local', serial: '00m1234abc' }, []],
    ['has another address', { host: '192.168.1.11' }, ['accessCode']],
    ['has another serial number', { host: 'printer.local', serial: '00M1234ABD' }, ['accessCode']],
    ['has another address and the code', { host: '192.168.1.11', accessCode: '12345678' }, []],
  ])('that is saved and %s', (_, change, expected) => {
    const saved = { host: 'printer.local', serial: '00M1234ABC' };
    expect(wrong({ accessCode: '', host: saved.host, ...change }, { saved })).toEqual(expected);
  });
});

it('a new printer needs no serial number, a saved one does', () => {
  expect([wrong({ serial: '' }), wrong({ serial: '' }, { needsSerial: true })]).toEqual([[], ['serial']]);
});

it('a test needs no name', () => {
  expect(wrong({ name: '' }, { needsName: false })).toEqual([]);
});

describe('the draft', () => {
  it('is trimmed, its serial number in upper case, and empty means none', () => {
    expect(draftOf({ ...good, name: ' Garage ', serial: ' 00m1234abc ' }, null)).toEqual({
      name: 'Garage',
      host: '192.168.1.10',
      serial: '00M1234ABC',
      accessCode: '12345678',
      rtspUrl: null,
      cameraFingerprint: null,
    });
  });

  it('has no access code where none was typed, so that the saved one stays', () => {
    expect(draftOf({ ...good, accessCode: ' ' }, null)).not.toHaveProperty('accessCode');
  });
});

it('refusals of fields the form does not have are left to the summary', () => {
  expect(refusedFields({ serial: 'Taken.', model: 'Unknown.' })).toEqual({ serial: 'Taken.' });
});

describe('a camera at another host', () => {
  it.each([
    ['rtsps://192.168.1.99/live', '192.168.1.10', true],
    ['rtsps://192.168.1.10:322/streaming/live/1', ' 192.168.1.10', false],
    ['RTSPS://Printer.Local/live', 'printer.local', false],
    ['rtsps://[fe80::1%25eth0]:322/live', 'fe80::1%eth0', false],
    ['rtsps://[fe80::2]/live', 'fe80::1', true],
    ['rtsps://me:secret@192.168.1.99/live', '192.168.1.10', true],
    ['', '192.168.1.10', false],
    ['192.168.1.99', '192.168.1.10', false],
    ['rtsps://192.168.1.99/live', '', false],
  ])('is what %s names beside “%s”: %s', (rtspUrl, host, expected) => {
    expect(namesOtherHost({ host, rtspUrl })).toBe(expected);
  });

  const other = { ...good, rtspUrl: 'rtsps://192.168.1.99/live', cameraUser: ' viewer ', cameraPassword: 'pass word ' };
  const saved: Printer = { id: 1, name: '', host: '', serial: '', rtspUrl: null, cameraFingerprint: null, cameraUser: 'viewer' };

  it('gets its own login, and a camera of the printer gets none', () => {
    expect(draftOf(other, null)).toMatchObject({ cameraUser: 'viewer', cameraPassword: 'pass word ' });
    const same = draftOf({ ...other, rtspUrl: 'rtsps://192.168.1.10/live' }, null);
    expect(same).not.toHaveProperty('cameraUser');
    expect(same).not.toHaveProperty('cameraPassword');
  });

  it('keeps the saved password where none is typed, and loses its user only where that is taken out', () => {
    expect(draftOf({ ...other, cameraPassword: '' }, saved)).not.toHaveProperty('cameraPassword');
    expect(draftOf({ ...other, cameraUser: '' }, saved)).toMatchObject({ cameraUser: '' });
    expect(draftOf({ ...other, cameraUser: '' }, null)).not.toHaveProperty('cameraUser');
  });
});
