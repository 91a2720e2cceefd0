import { expect, it } from 'vitest';
import { replaceEqual } from './replaceEqual';

const before = { name: 'Garage', at: null, trays: [{ id: 1, left: 80 }, { id: 2, left: 20 }] };

it('keeps the whole where nothing has changed', () => {
  expect(replaceEqual(before, structuredClone(before))).toBe(before);
});

it('keeps what has not changed inside of what has', () => {
  const after = replaceEqual(before, { ...structuredClone(before), trays: [{ id: 1, left: 80 }, { id: 2, left: 19 }] });
  expect(after).toEqual({ ...before, trays: [{ id: 1, left: 80 }, { id: 2, left: 19 }] });
  expect(after.trays[0]).toBe(before.trays[0]);
  expect(after.trays[1]).not.toBe(before.trays[1]);
});

it.each([
  ['a field that is gone', { a: 1, b: 2 }, { a: 1 }],
  ['a field that is new', { a: 1 }, { a: 1, b: undefined }],
  ['a list that is shorter', [1, 2], [1]],
  ['a list in place of an object', { 0: 1 }, [1]],
  ['nothing in place of something', { a: 1 }, null],
])('takes %s for a change', (_, old, fresh) => {
  expect(replaceEqual(old, fresh)).toStrictEqual(fresh);
});
