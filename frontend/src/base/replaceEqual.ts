/**
 * Returns `after`, in which each part that equals its counterpart in `before` is the same object as before. So React knows
 * what to render again. It is for JSON values.
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
