import { describe, expect, it } from 'vitest';
import type { Camera } from '@/api/schemas';
import type { Grant } from './budget/liveBudget';
import { texts } from '@/texts';
import { messageFor } from './message';
import type { Liveness, PictureView } from './source';
import { videoAtRest } from './videoSource';

const report = (step: Camera['step'], sentence: string): Camera => ({
  step,
  sentence,
  lastError: null,
  kind: 'video',
  pictureIntervalSeconds: null,
  since: null,
  framesPerSecond: null,
  kilobitsPerSecond: null,
  width: null,
  height: null,
  keyFrameIntervalSeconds: null,
  reconnects: null,
  certificateChanged: false,
  lastFrameAgeMs: null,
});
const live = report('live', 'The camera is live.');
const refused = report('connecting', 'The printer refused the access code.');
const reconnecting: PictureView['state'] = { kind: 'reconnecting', sentence: 'The playlist is not there yet.' };

const still: Liveness = { kind: 'still', pictureMs: 0 };
const resting: PictureView = { ...videoAtRest, liveness: still };
const seen = { view: resting, camera: live, unreachable: null, grant: 'live' as Grant };
const said = (state: PictureView['state'], camera: Camera | null, more: { readonly unreachable?: string; readonly grant?: Grant } = {}, liveness: Liveness | null = still) =>
  messageFor({ ...seen, ...more, view: { ...resting, state, liveness }, camera })?.sentence ?? null;

const offersRemedy = (camera: Camera) => messageFor({ ...seen, view: { ...resting, state: { kind: 'connecting' } }, camera })?.offersRemedy;
const busy = (step: Camera['step']) => messageFor({ ...seen, view: { ...resting, state: { kind: 'connecting' } }, camera: report(step, 'So it is.') })?.busy;

describe('over the picture lies', () => {
  it('nothing while it moves', () => {
    expect(said({ kind: 'live' }, refused)).toBeNull();
    expect(said({ kind: 'behind' }, refused)).toBeNull();
    expect(said({ kind: 'stepwise' }, refused)).toBeNull();
  });

  it('what the service says about a camera that is away, whatever the player sees', () => {
    for (const state of [reconnecting, { kind: 'connecting' }, { kind: 'stalled' }, { kind: 'idle' }] as const) {
      expect(said(state, refused)).toBe('The printer refused the access code.');
    }
    expect(said({ kind: 'idle' }, refused, { grant: 'still' })).toBe('The printer refused the access code.');
  });

  it('a remedy where a camera fails, and none while it connects for the first time', () => {
    expect(offersRemedy(report('connecting', 'Connecting to the camera.'))).toBe(false);
    expect(offersRemedy({ ...refused, lastError: 'The printer refused the access code.' })).toBe(true);
    expect(offersRemedy(report('stalled', 'The camera sends nothing.'))).toBe(true);
  });

  it('no sign that something is under way where nothing is', () => {
    expect([busy('no-camera'), busy('switched-off'), busy('updating'), busy('retrying')]).toEqual([false, false, true, true]);
  });

  it('what the playlist answered, when the camera itself is well', () => {
    expect(said(reconnecting, live)).toBe('The playlist is not there yet.');
  });

  it('that the service is away, above all it said before', () => {
    expect(said(reconnecting, refused, { unreachable: 'Cannot reach it.' })).toBe('Cannot reach it.');
  });

  it('nothing where stills come, and that they are on their way where there is none yet', () => {
    expect(said({ kind: 'idle' }, live, { grant: 'still' })).toBeNull();
    expect(said({ kind: 'idle' }, live, { grant: 'still' }, null)).toBe(texts.camera.connecting);
  });

  it('where it is stuck, once it takes long', () => {
    const message = messageFor({ ...seen, view: { ...resting, state: { kind: 'connecting' }, waitsFor: 'playlist' } });
    expect(message).toMatchObject({ sentence: texts.camera.waits.playlist, offersRemedy: true });
    expect(messageFor({ ...seen, view: { ...resting, state: { kind: 'connecting' } } })).toMatchObject({ isRoutine: true, offersRemedy: false });
  });

  it('nothing where video was given up and stills come', () => {
    expect(said({ kind: 'stills' }, live)).toBeNull();
  });

  it('a button where only a tap helps', () => {
    expect(messageFor({ ...seen, view: { ...resting, state: { kind: 'failed', reason: 'needsTap' } } })?.offersPlay).toBe(true);
  });
});
