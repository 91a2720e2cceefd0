import { describe, expect, it } from 'vitest';
import type { Camera } from '@/api/schemas';
import type { Grant } from '@/state/liveBudget';
import { messageFor } from './message';
import { type Snapshot, resting } from './player/player';

const report = (step: string, sentence: string): Camera => ({
  step,
  sentence,
  lastError: null,
  since: null,
  framesPerSecond: null,
  kilobitsPerSecond: null,
  width: null,
  height: null,
  keyFrameIntervalSeconds: null,
  reconnects: null,
  lastFrameAgeMs: null,
});
const live = report('live', 'The camera is live.');
const refused = report('connecting', 'The printer refused the access code.');
const reconnecting: Snapshot['state'] = { kind: 'reconnecting', attempt: 1, retryAtMs: 0, sentence: 'The playlist is not there yet.' };

const said = (state: Snapshot['state'], camera: Camera | null, grant: Grant = 'lowLatency', unreachable: string | null = null) =>
  messageFor({ ...resting, state }, camera, unreachable, grant)?.sentence ?? null;

describe('over the picture lies', () => {
  it('nothing while it moves', () => {
    expect(said({ kind: 'live' }, refused)).toBeNull();
    expect(said({ kind: 'behind' }, refused)).toBeNull();
  });

  it('what the service says about a camera that is away, whatever the player sees', () => {
    for (const state of [reconnecting, { kind: 'connecting' }, { kind: 'stalled', sinceMs: 0 }, { kind: 'idle' }] as const) {
      expect(said(state, refused)).toBe('The printer refused the access code.');
    }
    expect(said({ kind: 'idle' }, refused, 'wait')).toBe('The printer refused the access code.');
  });

  it('what the playlist answered, when the camera itself is well', () => {
    expect(said(reconnecting, live)).toBe('The playlist is not there yet.');
  });

  it('that the service is away, above all it said before', () => {
    expect(said(reconnecting, refused, 'lowLatency', 'Cannot reach it.')).toBe('Cannot reach it.');
  });

  it('that the place is another camera’s', () => {
    expect(said({ kind: 'idle' }, live, 'wait')).toContain('Paused');
  });

  it('a button where only a tap helps', () => {
    expect(messageFor({ ...resting, state: { kind: 'failed', reason: 'needsTap' } }, live, null, 'lowLatency')?.offersPlay).toBe(true);
  });
});
