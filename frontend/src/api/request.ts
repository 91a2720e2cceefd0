import * as v from 'valibot';
import { serverClock } from './serverClock';
import { signInEnded } from './signIn';
import { texts } from '@/texts';
import { address } from './address';
import { Problem } from './problem';
import { refusalSchema } from './schemas';

/** Below the base path. */
export type Path = `/${string}`;
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

interface Options {
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Sends a request to the service and parses the answer with `schema`. Every failure is a `Problem`. */
export async function request<S extends v.GenericSchema>(
  method: Method,
  path: Path,
  schema: S,
  { body, signal }: Options = {},
): Promise<v.InferOutput<S>> {
  const answer = await send(method, path, body, signal);
  const json = await jsonOf(answer);
  if (!answer.ok) {
    throw refusal(answer, json);
  }
  const parsed = v.safeParse(schema, json);
  if (!parsed.success) {
    throw new Problem('broken', texts.errors.broken(answer.status), answer.status);
  }
  return parsed.output;
}

/** Opens an event stream and returns it at its first byte. Every failure before that is a `Problem`. */
export async function openStream(path: Path, signal: AbortSignal, method: Method = 'GET', body?: unknown): Promise<ReadableStream<Uint8Array>> {
  const answer = await send(method, path, body, signal, 'text/event-stream');
  if (!answer.ok) {
    throw refusal(answer, await jsonOf(answer));
  }
  if (answer.body === null || answer.headers.get('Content-Type')?.startsWith('text/event-stream') !== true) {
    throw new Problem('broken', texts.errors.broken(answer.status), answer.status);
  }
  return answer.body;
}

/** Bytes that are no JSON, or `null` when they are still those with the entity tag `tag`. What goes wrong is a `Problem`. */
export async function openMedia(path: Path, tag: string | null, signal: AbortSignal): Promise<Response | null> {
  const answer = await send('GET', path, undefined, signal, '*/*', tag);
  if (answer.status === 304) {
    return null;
  }
  if (!answer.ok) {
    throw refusal(answer, await jsonOf(answer));
  }
  return answer;
}

/** For answers without a body (204). */
export const nothing = v.null();

async function send(
  method: Method,
  path: Path,
  body: unknown,
  signal: AbortSignal | undefined,
  accept = 'application/json',
  tag: string | null = null,
): Promise<Response> {
  const init: RequestInit = { method, redirect: 'manual', cache: 'no-store', headers: { Accept: accept } };
  if (method !== 'GET') {
    // The service refuses changes that a form of another site could have sent.
    init.headers = { Accept: accept, 'Content-Type': 'application/json', 'X-Requested-By': 'platecast' };
  }
  if (tag !== null) {
    init.headers = { Accept: accept, 'If-None-Match': tag };
  }
  if (body !== undefined) {
    init.body = JSON.stringify(body);
  }
  if (signal !== undefined) {
    init.signal = signal;
  }
  if (signInEnded.value) {
    throw signedOut();
  }
  const sentMs = Date.now();
  const answer = await fetch(address(path), init).catch((thrown: unknown) => {
    throw signal?.aborted === true ? thrown : new Problem('unreachable', texts.errors.unreachable);
  });
  // An expired Cloudflare Access session answers with a redirect to another origin; following it ends in a CORS error.
  if (answer.type === 'opaqueredirect') {
    throw signedOut();
  }
  serverClock.observe(Date.parse(answer.headers?.get('Date') ?? ''), sentMs, Date.now());
  return answer;
}

function signedOut(status: number | null = null): Problem {
  signInEnded.set(true);
  return new Problem('signedOut', texts.errors.signedOut, status);
}

/** Returns the body as JSON, or `null` if it is empty or is no JSON, such as a proxy's HTML page. */
async function jsonOf(answer: Response): Promise<unknown> {
  try {
    const body = await answer.text();
    return body === '' ? null : (JSON.parse(body) as unknown);
  } catch {
    return null;
  }
}

function refusal(answer: Response, json: unknown): Problem {
  const parsed = v.safeParse(refusalSchema, json);
  if (parsed.success) {
    return new Problem('refused', parsed.output.error, answer.status, parsed.output.fields);
  }
  if (answer.status === 401 || answer.status === 403) {
    return signedOut(answer.status);
  }
  return new Problem('broken', texts.errors.broken(answer.status), answer.status);
}
