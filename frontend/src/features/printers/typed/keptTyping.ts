/**
 * What was typed, through a sign-in or a reload: kept for this tab alone, and never a code or a password.
 */
import * as v from 'valibot';
import { type Typed, hasLogin, typedFrom } from './draft';

const text = v.fallback(v.string(), '');
const schema = v.object({ host: text, serial: text, name: text, rtspUrl: text, cameraUser: text, cameraFingerprint: text });
const keyOf = (printer: number | null): string => `platecast.typed.${printer ?? 'new'}`;

export function keepTyping(printer: number | null, { accessCode: _never, cameraPassword: _neverEither, rtspUrl, ...typed }: Typed): void {
  try {
    sessionStorage.setItem(keyOf(printer), JSON.stringify({ ...typed, rtspUrl: hasLogin(rtspUrl) ? '' : rtspUrl }));
  } catch {
    // The storage is full or forbidden, so the person has to type it again.
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
