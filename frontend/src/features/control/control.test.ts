import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { Problem } from '@/api/problem';
import { type Status, statusSchema } from '@/api/status';
import { texts } from '@/texts';
import { type StopTarget, controlsFor, whyNotStop } from './controls';
import { type CommandState, type CommandEvent, isDone, nothing, patienceMs, sentenceFor, reduce, underWay } from './commandState';

const words = texts.control;
const now = 1_000_000;

const status = (phase: string, news: Record<string, unknown> = {}): Status =>
  v.parse(statusSchema, {
    connected: true,
    jobState: null,
    percent: null,
    remainingMinutes: null,
    nozzleC: null,
    bedC: null,
    chamberC: null,
    light: 'on',
    lastUpdate: now,
    job: { id: '7', name: 'bracket', phase },
    ...news,
  });

describe('controls', () => {
  it.each([
    ['running', {}, 'pause', true, true, null],
    ['preparing', {}, 'pause', true, true, null],
    ['paused', {}, 'resume', true, true, null],
    ['idle', {}, 'pause', false, true, words.noJob],
    ['finished', {}, 'pause', false, true, words.noJob],
    ['running', { commands: { taken: 'no', sentence: 'CommandEvent it on.' } }, 'pause', false, true, 'CommandEvent it on.'],
    ['running', { commands: { taken: 'unknown', sentence: 'Who knows.' } }, 'pause', true, true, null],
    ['running', { connected: false }, 'pause', false, false, words.offline],
    ['running', { lastUpdate: now - 130_000 }, 'pause', false, false, words.silent('2 min')],
    ['running', { lastUpdate: now - 130_000, link: { step: 'silent' } }, 'pause', false, false, words.silent('2 min')],
    ['running', { lastUpdate: now - 130_000, link: { step: 'quiet' } }, 'pause', true, true, null],
    ['idle', { lastUpdate: now - 45_000, link: { step: 'live' } }, 'pause', false, true, words.noJob],
  ])('of a printer that is %s, with %o', (phase, news, turn, canPrint, canLight, reason) => {
    const controls = controlsFor(status(phase, news), 'live', now);
    expect(controls).toEqual({ turn, hasJob: phase !== 'idle' && phase !== 'finished', canTurn: canPrint, canStop: canPrint, light: true, canLight, reason });
  });

  it.each(['lost', 'signedOut'] as const)('are off while the service is %s', (connection) => {
    expect(controlsFor(status('running'), connection, now)).toMatchObject({ canTurn: false, canStop: false, canLight: false, reason: words.noService });
  });

  it('know no light where the printer tells of none', () => {
    expect(controlsFor(status('running', { light: null }), 'live', now).light).toBeNull();
  });
});

const unnumbered = (name: string) => status('running', { job: { id: null, name, phase: 'running' } });

describe('the question about stopping', () => {
  const meant = { id: '7', name: 'bracket' };
  const why = (next: Status, about: StopTarget = meant) => whyNotStop(about, next, controlsFor(next, 'live', now));

  it('is about one job on one printer', () => {
    expect(why(status('running'))).toBe(null);
    expect(why(status('paused'))).toBe(null);
    expect(why(status('finished'))).toBe(words.ended);
    expect(why(status('running', { job: { id: '8', name: 'bracket', phase: 'running' } }))).toBe(words.otherJob);
    expect(why(status('running', { connected: false }))).toBe(words.offline);
  });

  it('goes by the name where the printer numbers no jobs', () => {
    expect(why(unnumbered('bracket'), { id: null, name: 'bracket' })).toBe(null);
    expect(why(unnumbered('lamp'), { id: null, name: 'bracket' })).toBe(words.otherJob);
  });
});

const pause = { type: 'pause' } as const;
const failed = (answer: number | null, kind: 'refused' | 'unreachable' = 'refused'): CommandEvent => ({
  type: 'failed',
  thrown: new Problem(kind, 'So it is.', answer),
});
const through = (...turns: readonly CommandEvent[]): CommandState => turns.reduce(reduce, nothing);
const sent: CommandEvent = { type: 'sent', command: pause };
const accepted: CommandEvent = { type: 'accepted', happened: false };

describe('the state of a command', () => {
  it.each<[string, readonly CommandEvent[], string, string | null]>([
    ['sent', [sent], 'sent', words.sent],
    ['slow', [sent, { type: 'timeout' }], 'sent', words.slow],
    ['accepted', [sent, accepted], 'accepted', words.accepted.pause],
    ['accepted and long not done', [sent, accepted, { type: 'timeout' }], 'accepted', words.late],
    ['accepted and done at once', [sent, { type: 'accepted', happened: true }], 'happened', words.happened.pause],
    ['accepted, then seen to be done', [sent, accepted, { type: 'seen' }], 'happened', words.happened.pause],
    ['done, and no news any more', [sent, accepted, { type: 'seen' }, { type: 'timeout' }], 'none', null],
    ['refused', [sent, failed(409)], 'refused', 'So it is.'],
    ['not connected', [sent, failed(503)], 'refused', 'So it is.'],
    ['unanswered', [sent, failed(504)], 'unanswered', 'So it is.'],
    ['lost on the way', [sent, failed(null, 'unreachable')], 'unanswered', 'So it is.'],
    ['unanswered, then seen to be done', [sent, failed(504), { type: 'seen' }], 'happened', words.happened.pause],
    ['refused and read', [sent, failed(409), { type: 'dismissed' }], 'none', null],
    ['done before the answer came', [sent, { type: 'seen' }], 'sent', words.sent],
  ])('that is %s', (_, turns, kind, sentence) => {
    const commandState = through(...turns);
    expect(commandState.kind).toBe(kind);
    expect(sentenceFor(commandState)).toBe(sentence);
  });

  it('lets nothing be asked for twice, and not two things at once', () => {
    expect(underWay(nothing)).toEqual({ isSending: false, type: null });
    expect(underWay(through(sent))).toEqual({ isSending: true, type: 'pause' });
    expect(underWay(through(sent, accepted))).toEqual({ isSending: false, type: 'pause' });
    expect(underWay(through(sent, accepted, { type: 'timeout' }))).toEqual({ isSending: false, type: null });
    expect(underWay(through(sent, failed(504)))).toEqual({ isSending: false, type: null });
  });

  it('keeps what went wrong until it is read', () => {
    expect(patienceMs(through(sent, failed(409)))).toBeNull();
    expect(patienceMs(through(sent, failed(504)))).toBeNull();
  });

  it.each([
    ['pause', 'paused'],
    ['resume', 'running'],
    ['stop', 'failed'],
    ['stop', 'idle'],
  ] as const)('ends for %s when the printer is %s', (type, phase) => {
    expect(isDone({ type }, status(phase))).toBe(true);
    expect(isDone({ type }, status('unknown'))).toBe(false);
  });

  it('ends for the light when it is as it was wished', () => {
    expect(isDone({ type: 'light', on: true }, status('idle'))).toBe(true);
    expect(isDone({ type: 'light', on: false }, status('idle'))).toBe(false);
  });
});
