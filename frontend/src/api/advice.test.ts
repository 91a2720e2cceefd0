import * as v from 'valibot';
import { afterEach, describe, expect, it } from 'vitest';
import { speak, texts } from '@/texts';
import { keyOf } from './advice';
import { cameraSchema, refusalSchema } from './schemas';
import { testEventSchemas } from './stages';
import { statusSchema } from './status';

const english = texts;
afterEach(() => speak(english));

const closed = { code: 'camera.port-closed', params: { peer: '192.168.1.10:322' }, sentence: 'Nothing listens at 192.168.1.10:322.' };
const german = 'Unter 192.168.1.10:322 hört niemand.';
const inGerman = () => speak({ ...english, failures: { 'camera.port-closed': ({ peer }) => `Unter ${String(peer)} hört niemand.` } });
const status = { connected: true, jobState: null, percent: null, remainingMinutes: null, nozzleC: null, bedC: null, chamberC: null, light: null, lastUpdate: null };

/** What is shown of each place where the service says something. */
function shown(advice: { readonly code: string; readonly params: object; readonly sentence: string }) {
  const { sentence, ...rest } = advice;
  const camera = v.parse(cameraSchema, { step: 'retrying', ...advice, lastError: sentence, lastErrorAdvice: advice });
  const { display, link, commands } = v.parse(statusSchema, {
    ...status,
    display: { kind: 'offline', ...advice, note: sentence, noteAdvice: advice, before: { kind: 'printing', ...advice } },
    link: { step: 'retrying', ...advice, lastError: sentence, lastErrorAdvice: advice },
    commands: { taken: 'no', ...advice },
  });
  const stage = v.parse(testEventSchemas.stage, { stage: 'camera-port', state: 'failed', ms: 1, ...advice });
  const refusal = v.parse(refusalSchema, { error: sentence, ...rest, fields: { host: sentence }, fieldsAdvice: { host: advice } });
  return [
    camera.sentence,
    camera.lastError,
    display.sentence,
    display.note,
    display.before?.sentence,
    link.sentence,
    link.lastError,
    commands.sentence,
    stage.sentence,
    refusal.error,
    refusal.fields.host,
  ];
}

describe('what the service says', () => {
  it('is in its own words where the page has none', () => {
    expect(new Set(shown(closed))).toEqual(new Set([closed.sentence]));
  });

  it('is in the language of the page, by its code', () => {
    inGerman();
    expect(new Set(shown(closed))).toEqual(new Set([german]));
  });

  it('is in its own words for a code that nobody knows, and without one', () => {
    inGerman();
    expect(new Set(shown({ ...closed, code: 'constructor' }))).toEqual(new Set([closed.sentence]));
    const { sentence } = closed;
    expect(v.parse(cameraSchema, { step: 'retrying', sentence, lastError: sentence })).toMatchObject({ sentence, lastError: sentence });
    expect(v.parse(refusalSchema, { error: sentence, fields: { host: sentence } })).toEqual({ error: sentence, fields: { host: sentence } });
    expect(v.parse(testEventSchemas.stage, { stage: 'commands', state: 'running', ms: null, sentence: null }).sentence).toBeNull();
  });

  it('is the same by code and parameters, and without a code by its sentence', () => {
    expect(keyOf({ ...closed, sentence: 'In other words.' })).toBe(keyOf(closed));
    expect(keyOf({ ...closed, params: { peer: '192.168.1.11:322' } })).not.toBe(keyOf(closed));
    expect(keyOf({ code: null, params: {}, sentence: 'So it is.' })).toBe('So it is.');
  });
});
