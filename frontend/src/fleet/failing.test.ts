import * as v from 'valibot';
import { expect, it } from 'vitest';
import { cameraSchema } from '@/api/schemas';
import { isFailing } from './failing';

const camera = (step: string, lastError: string | null = null) => v.parse(cameraSchema, { step, sentence: 'So it is.', lastError });
const live = camera('live');

it('a printer fails that is away, whatever it was doing', () => {
  expect(isFailing('offline', live)).toBe(true);
  expect(isFailing('no-data', live)).toBe(true);
  expect(isFailing('offline', null)).toBe(true);
});

it('a camera fails that is refused, switched off or out of reach, and goes on failing while it is tried again', () => {
  const stuck = ['refused', 'switched-off', 'retrying', 'stalled'];
  expect(stuck.filter((step) => isFailing('printing', camera(step)))).toEqual(stuck);
  expect(isFailing('printing', camera('connecting', 'The printer did not answer.'))).toBe(true);
});

it('nothing fails that works, that has only begun, that a model has not, or of which nothing is known', () => {
  expect(isFailing('needs-you', live)).toBe(false);
  expect(isFailing('idle', camera('live', 'The printer did not answer.'))).toBe(false);
  const calm = ['starting', 'connecting', 'signing-in', 'waiting-for-key-frame', 'waiting-for-picture', 'no-camera', 'updating'];
  expect(calm.filter((step) => isFailing('printing', camera(step)))).toEqual([]);
  expect(isFailing(null, null)).toBe(false);
});
