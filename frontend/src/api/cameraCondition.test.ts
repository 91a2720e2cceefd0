import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type CameraCondition, cameraCondition } from './cameraCondition';
import { cameraSchema } from './schemas';

const camera = (step: string, lastError: string | null = null) => v.parse(cameraSchema, { step, sentence: 'So it is.', lastError });

describe('the condition of a camera', () => {
  it.each<[CameraCondition, readonly string[]]>([
    ['live', ['live']],
    ['starting', ['starting', 'connecting', 'signing-in', 'setting-up', 'waiting-for-video', 'waiting-for-key-frame', 'waiting-for-picture']],
    ['failing', ['stalled', 'retrying', 'refused']],
    ['off', ['switched-off']],
    ['none', ['no-camera']],
    ['updating', ['updating']],
  ])('%s', (condition, steps) => {
    expect(steps.map((step) => cameraCondition(camera(step)))).toEqual(steps.map(() => condition));
  });

  it('is failing while it is tried again, and no longer when it is live', () => {
    expect(cameraCondition(camera('signing-in', 'The printer did not answer.'))).toBe('failing');
    expect(cameraCondition(camera('live', 'The printer did not answer.'))).toBe('live');
    expect(cameraCondition(camera('updating', 'The printer did not answer.')), 'an update explains it').toBe('updating');
  });

  it('is starting for a step that only a newer service knows', () => {
    expect(cameraCondition(camera('dancing'))).toBe('starting');
  });
});
