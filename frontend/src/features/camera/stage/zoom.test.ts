import { describe, expect, it } from 'vitest';
import { moved, whole, zoomed } from './zoom';

/** Which point of the picture is seen at `at`. */
const seenAt = (view: typeof whole, at: number) => (at - view.x) / view.scale;

describe('looking closer', () => {
  it('keeps what is under the finger where it is', () => {
    const once = zoomed(whole, 2, 0.75, 0.5);
    expect(once.scale).toBe(2);
    expect(seenAt(once, 0.75)).toBeCloseTo(0.75);
    expect(seenAt(zoomed(once, 1.5, 0.2, 0.5), 0.2)).toBeCloseTo(seenAt(once, 0.2));
  });

  it('ends at six times, and goes back no further than the whole', () => {
    expect(zoomed(whole, 100, 0.5, 0.5).scale).toBe(6);
    expect(zoomed(zoomed(whole, 3, 0, 0), 0.1, 1, 1)).toEqual(whole);
  });

  it('shows nothing beside the picture', () => {
    const close = zoomed(whole, 2, 0.5, 0.5);
    expect(moved(close, 5, 5)).toEqual({ scale: 2, x: 0, y: 0 });
    expect(moved(close, -5, -5)).toEqual({ scale: 2, x: -1, y: -1 });
    expect(moved(whole, 0.5, 0.5)).toEqual(whole);
  });
});
