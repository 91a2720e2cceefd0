import { describe, expect, it } from 'vitest';
import { fit } from './fit';
import { calmMs, nextOrder, noOrder } from './stableOrder';
import { type Arrow, type Box, arrowTarget } from './arrowKeys';
import { viewOf, withChoice } from './view';

const auto = { layout: 'auto', size: 'auto' } as const;
const desktop = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };
const tv = { width: 1920, height: 1080 };

describe('the wall', () => {
  it.each([
    ['4 on a desktop', 4, desktop, 'wall', 'l', 2],
    ['4 on a phone', 4, phone, 'wall', 'm', 1],
    ['4 on a television', 4, tv, 'wall', 'l', 2],
    ['16 on a desktop', 16, desktop, 'wall', 's', 4],
    ['16 on a phone', 16, phone, 'wall', 's', 2],
    ['16 on a television', 16, tv, 'wall', 's', 4],
    ['64 on a desktop', 64, desktop, 'wall', 's', 8],
    ['64 on a phone', 64, phone, 'list', 's', 2],
    ['64 on a television', 64, tv, 'wall', 's', 8],
    ['2 on a tablet', 2, { width: 820, height: 1180 }, 'wall', 'l', 2],
  ])('%s', (_, count, screen, layout, size, columns) => {
    expect(fit(count, 0, auto, screen)).toMatchObject({ layout, size, columns });
  });

  it.each([2, 3, 4, 5, 9, 16, 17, 25, 40, 64])('%i small tiles are seen at once on a desktop', (count) => {
    const { columns, maxWidth } = fit(count, 0, { layout: 'wall', size: 's' }, desktop);
    const tile = ((maxWidth ?? 0) - (columns - 1) * 8) / columns;
    const rows = Math.ceil(count / columns);
    expect(tile).toBeGreaterThanOrEqual(150);
    expect((rows * tile * 9) / 16 + (rows - 1) * 8).toBeLessThanOrEqual(900 - 72);
    expect(maxWidth).toBeLessThanOrEqual(1440 - 32);
  });

  it('shows those that need somebody in large among many', () => {
    expect(fit(64, 2, auto, desktop).wide).toBe(2);
    expect(fit(64, 9, auto, desktop).wide).toBe(4);
    expect(fit(16, 2, auto, desktop).wide).toBe(0);
    expect(fit(16, 2, auto, phone).wide).toBe(16);
  });

  it('does as it is told', () => {
    expect(fit(4, 0, { layout: 'list', size: 'auto' }, desktop).layout).toBe('list');
    expect(fit(64, 0, { layout: 'wall', size: 'auto' }, phone)).toMatchObject({ layout: 'wall', size: 's', columns: 2 });
    expect(fit(16, 0, { layout: 'auto', size: 'm' }, desktop)).toMatchObject({ size: 'm', columns: 3, maxWidth: null });
    expect(fit(64, 0, { layout: 'auto', size: 'l' }, phone)).toMatchObject({ layout: 'wall', columns: 1 });
  });
});

describe('the order', () => {
  const before = { order: '1,2', question: 'all', movedMs: 0 };

  it('is there at once, and at once for another question', () => {
    expect(nextOrder(noOrder, '1,2', 'all', 0, 5)).toEqual({ order: '1,2', question: 'all', movedMs: 5 });
    expect(nextOrder(before, '2', 'paused', Infinity, 5).order).toBe('2');
  });

  it('stays for ten seconds, and while somebody is on it', () => {
    expect(nextOrder(before, '2,1', 'all', 0, calmMs - 1)).toBe(before);
    expect(nextOrder(before, '2,1', 'all', calmMs + 500, calmMs)).toBe(before);
    expect(nextOrder(before, '2,1', 'all', calmMs + 500, calmMs + 500)).toEqual({ order: '2,1', question: 'all', movedMs: calmMs + 500 });
  });
});

describe('the address', () => {
  const remembered = { layout: 'auto', size: 'm', sort: 'name' } as const;

  it('says what is looked at, and else it is as it last was', () => {
    expect(viewOf('?view=list&size=s&filter=paused&sort=finish&q=x1', remembered)).toEqual({
      layout: 'list',
      size: 's',
      filter: 'paused',
      sort: 'finish',
      q: 'x1',
    });
    expect(viewOf('?view=round&size=xl&filter=all', remembered)).toEqual({ ...remembered, filter: null, q: '' });
  });

  it('keeps what it had when something is chosen', () => {
    expect(withChoice('?q=x1', { filter: 'paused', layout: 'list' })).toBe('q=x1&filter=paused&view=list');
    expect(withChoice('?filter=paused&q=x1', { filter: null, q: '' })).toBe('');
  });
});

const box = (left: number, top: number, width = 100): Box => ({ left, top, width, height: 60 });

describe('an arrow key', () => {
  // One wide tile beside two, then a row of three.
  const boxes = [box(0, 0, 210), box(220, 0), box(0, 130), box(110, 130), box(220, 130)];
  it.each<[number, Arrow, number]>([
    [0, 'ArrowRight', 1],
    [1, 'ArrowRight', 2],
    [4, 'ArrowRight', 4],
    [0, 'ArrowLeft', 0],
    [1, 'ArrowDown', 4],
    [4, 'ArrowUp', 1],
    [2, 'ArrowUp', 0],
    [2, 'ArrowDown', 2],
    [3, 'Home', 0],
    [1, 'End', 4],
  ])('from tile %i: %s leads to %i', (from, key, to) => {
    expect(arrowTarget(boxes, from, key)).toBe(to);
  });
});
