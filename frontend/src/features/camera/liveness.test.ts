import { describe, expect, it } from 'vitest';
import { livenessOf, isPast } from './liveness';
import { resting } from './player/playerView';
import { bare } from './still/stillLayer';

const still = { hasPicture: true, pictureMs: 7_000 };

describe('of a picture is claimed', () => {
  it('that it is live only where the player says so and knows how old it is', () => {
    expect(livenessOf({ ...resting, state: { kind: 'live' }, latencyMs: 1_400 }, bare)).toEqual({ kind: 'live', latencyMs: 1_400 });
    expect(livenessOf({ ...resting, state: { kind: 'live' } }, bare)).toEqual({ kind: 'behind', latencyMs: null });
  });

  it('how far it is behind', () => {
    expect(livenessOf({ ...resting, state: { kind: 'behind' }, latencyMs: 7_000 }, still)).toEqual({ kind: 'behind', latencyMs: 7_000 });
  });

  it('when it was taken, of the one that is on top', () => {
    const stalled = { ...resting, state: { kind: 'stalled', sinceMs: 0 }, pictureMs: 9_000 } as const;
    expect(livenessOf({ ...stalled, isVideo: true }, still)).toEqual({ kind: 'still', pictureMs: 9_000 });
    expect(livenessOf(stalled, still)).toEqual({ kind: 'still', pictureMs: 7_000 });
  });

  it('nothing where there is none', () => {
    expect(livenessOf(resting, bare)).toBeNull();
  });
});

it('a still of more than a minute ago is of the past, and so is one of nobody knows when', () => {
  expect(isPast({ kind: 'still', pictureMs: 0 }, 60_000)).toBe(false);
  expect(isPast({ kind: 'still', pictureMs: 0 }, 60_001)).toBe(true);
  expect(isPast({ kind: 'still', pictureMs: null }, 0)).toBe(true);
  expect(isPast({ kind: 'stepwise', everyMs: 2_000, pictureMs: 0 }, 60_000)).toBe(false);
  expect(isPast({ kind: 'stepwise', everyMs: 2_000, pictureMs: 0 }, 60_001)).toBe(true);
  expect(isPast({ kind: 'behind', latencyMs: 90_000 }, 0)).toBe(false);
  expect(isPast(null, 0)).toBe(false);
});
