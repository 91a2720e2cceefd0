import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { parseEvent } from './events';
import { EventReader } from './sse';
import { statusSchema } from './status';

const nine = {
  connected: true,
  jobState: 'RUNNING',
  percent: 42,
  remainingMinutes: 123,
  nozzleC: 215.3,
  bedC: 60,
  chamberC: null,
  light: 'off',
  lastUpdate: '2026-01-18T20:15:00Z',
};

const nineMs = Date.UTC(2026, 0, 18, 20, 15);

describe('a status', () => {
  it('needs the contract’s nine fields and no other', () => {
    const status = v.parse(statusSchema, nine);
    expect(status).toMatchObject({ ...nine, lastUpdate: Date.UTC(2026, 0, 18, 20, 15) });
    expect(status).toMatchObject({ display: { kind: 'no-data' }, problems: [], ams: [], commands: { taken: 'unknown' }, job: { id: null } });
    expect(v.is(statusSchema, { ...nine, connected: undefined })).toBe(false);
  });

  it.each([
    ['display', { kind: 'dancing', sentence: 'It dances.' }, { kind: 'no-data', sentence: 'It dances.' }],
    ['job', 'none', { id: null, phase: 'unknown' }],
    ['nozzleTargetC', '220', null],
    ['ams', [{ id: 0, slots: [{ id: 1, content: 'known', material: 'PLA', color: 'red' }] }], [{ slots: [{ color: null, feeding: false }] }]],
    ['problems', [{ code: '0300-400C', wiki: 'javascript:alert(1)' }], [{ code: '0300-400C', severity: 'unknown', wiki: null }]],
    ['commands', { taken: 'sometimes' }, { taken: 'unknown', sentence: null }],
    ['display', { kind: 'printing', sentence: 'Printing.' }, { kind: 'printing', note: null, since: null, before: null }],
    ['display', { kind: 'offline', since: '2026-01-18T20:15:00Z', before: { kind: 'needs-you' } }, { since: nineMs, before: { kind: 'needs-you', sentence: '' } }],
    ['display', { kind: 'offline', before: { kind: 'dancing', sentence: 'It danced.' } }, { kind: 'offline', before: null }],
    ['link', { step: 'quiet' }, { step: 'quiet', certificateChanged: false }],
    ['problems', [{ code: '0700-8011', needsYou: true }], [{ role: 'needs-you', whatToDo: null }]],
    ['problems', [{ code: '0C00-0300-0002-0004', needsYou: false }], [{ role: 'note' }]],
    ['problems', [{ code: '0500-0600-0002-0070', needsYou: false, role: 'detail' }], [{ role: 'detail' }]],
  ])('makes the best of an odd %s', (field, odd, expected) => {
    expect(v.parse(statusSchema, { ...nine, [field]: odd })).toMatchObject({ [field]: expected });
  });
});

describe('an event', () => {
  it.each([
    ['printer', { id: 1, status: nine }, { type: 'printer', id: 1, status: { percent: 42 } }],
    ['removed', { id: 1 }, { type: 'removed', id: 1 }],
    ['snapshot', { printers: [{ id: 1, name: 'Garage' }] }, { type: 'snapshot', printers: [{ id: 1, status: null, camera: null }] }],
  ])('%s is read', (type, data, expected) => {
    expect(parseEvent(type, JSON.stringify(data))).toMatchObject(expected);
  });

  it.each([
    ['weather', '{}'],
    ['toString', '{}'],
    ['printer', '{"id":1}'],
    ['printer', 'no JSON'],
  ])('%s %s is none', (type, data) => {
    expect(parseEvent(type, data)).toBeNull();
  });
});

describe('a stream', () => {
  const text = 'retry: 2000\n\n:\n\nevent: printer\nid: 7\ndata: {"a":\ndata: 1}\n\ndata:plain\r\n\r\nevent: removed\rdata: x\r\r\nevent: cut';
  const messages = [
    { type: 'printer', data: '{"a":\n1}' },
    { type: 'message', data: 'plain' },
    { type: 'removed', data: 'x' },
  ];

  it.each([1, 2, 3, 7, 1000])('is read wherever it is cut: every %i characters', (size) => {
    const reader = new EventReader();
    const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, n) => text.slice(n * size, (n + 1) * size));
    expect(pieces.flatMap((piece) => reader.push(piece))).toEqual(messages);
  });

  it('that never ends its line is not collected', () => {
    const reader = new EventReader();
    expect(() => {
      for (let n = 0; n < 5; n += 1) {
        reader.push('x'.repeat(1_000_000));
      }
    }).toThrow(RangeError);
  });
});
