import { describe, expect, it } from 'vitest';
import { isLate } from './liveness';
import { pictureViewOf } from './pictureSource';

const still = { hasPicture: true, pictureMs: 1_000 };
const known = { still, isActive: true, isFed: true, saves: false, everyMs: 2_000 };

describe('single pictures', () => {
  it('are neither live nor a still while they come, and cost nothing', () => {
    const { state, liveness, cost } = pictureViewOf(known);
    expect([state.kind, liveness, cost]).toEqual(['stepwise', { kind: 'stepwise', everyMs: 2_000, pictureMs: 1_000 }, { decoders: 0, connections: 0 }]);
  });

  it.each([
    ['of a camera that gives none', { isFed: false }, 'stalled'],
    ['of a place that nobody looks at', { isActive: false }, 'idle'],
    ['on a device that saves data', { saves: true }, 'stills'],
  ])('%s are a still with its age', (_, but, state) => {
    const view = pictureViewOf({ ...known, ...but });
    expect([view.state.kind, view.liveness]).toEqual([state, { kind: 'still', pictureMs: 1_000 }]);
  });

  it('claim nothing before the first one', () => {
    const view = pictureViewOf({ ...known, still: { hasPicture: false, pictureMs: null } });
    expect([view.state.kind, view.liveness]).toEqual(['connecting', null]);
  });

  it('are late after twice their usual time, and a second on the way', () => {
    expect([isLate(2_000, 1_000, 6_000), isLate(2_000, 1_000, 6_001), isLate(20_000, 1_000, 30_000), isLate(null, null, 9e9)]).toEqual([false, true, false, false]);
  });
});
