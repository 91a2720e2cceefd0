/**
 * `after`, in which everything that equals what was there before is the very object that was there: that is how the page
 * knows what to draw anew. For values as JSON has them.
 */
export function replaceEqual<T>(before: unknown, after: T): T {
  if (!isObject(before) || !isObject(after) || Array.isArray(before) !== Array.isArray(after)) {
    return after;
  }
  const keys = Object.keys(after);
  const merged = (Array.isArray(after) ? [] : {}) as Record<string, unknown>;
  let isSame = keys.length === Object.keys(before).length;
  for (const key of keys) {
    merged[key] = replaceEqual(before[key], after[key]);
    isSame &&= key in before && Object.is(merged[key], before[key]);
  }
  return (isSame ? before : merged) as T;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
