/**
 * What was typed, through a sign-in or a reload: kept for this tab alone, and never the access code.
 */
import * as v from 'valibot';
import { type Typed, typedFrom } from './draft';

const text = v.fallback(v.string(), '');
const schema = v.object({ host: text, serial: text, name: text, rtspUrl: text, cameraFingerprint: text });
const keyOf = (printer: number | null): string => `platecast.typed.${printer ?? 'new'}`;

export function keepTyping(printer: number | null, { accessCode: _never, ...typed }: Typed): void {
  try {
    sessionStorage.setItem(keyOf(printer), JSON.stringify(typed));
  } catch {
    // Full or forbidden: then it is typed again.
  }
}

export function keptTyping(printer: number | null): Typed | null {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), read(keyOf(printer)));
  return result.success ? { ...typedFrom(null), ...result.output } : null;
}

export function forgetTyping(printer: number | null): void {
  try {
    sessionStorage.removeItem(keyOf(printer));
  } catch {
    // Nothing could be kept either.
  }
}

function read(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}
