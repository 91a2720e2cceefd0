import * as v from 'valibot';
import { texts } from '@/texts/en';
import { Problem } from './problem';
import { refusalSchema } from './schemas';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

interface Options {
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** One request to the service, its answer parsed by `schema`. Everything that goes wrong is a `Problem`. */
export async function request<S extends v.GenericSchema>(
  method: Method,
  path: string,
  schema: S,
  { body, signal }: Options = {},
): Promise<v.InferOutput<S>> {
  const answer = await send(method, path, body, signal);
  // An expired Cloudflare Access session answers with a redirect to another origin; following it ends in a CORS error.
  if (answer.type === 'opaqueredirect') {
    throw new Problem('signedOut', texts.errors.signedOut);
  }
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

/** For answers without a body (204). */
export const nothing = v.null();

async function send(method: Method, path: string, body: unknown, signal: AbortSignal | undefined): Promise<Response> {
  const init: RequestInit = { method, redirect: 'manual', cache: 'no-store', headers: { Accept: 'application/json' } };
  if (method !== 'GET') {
    // The service lets nothing change state that another site's form could have sent.
    init.headers = { Accept: 'application/json', 'Content-Type': 'application/json', 'X-Requested-By': 'platecast' };
  }
  if (body !== undefined) {
    init.body = JSON.stringify(body);
  }
  if (signal !== undefined) {
    init.signal = signal;
  }
  try {
    return await fetch(path, init);
  } catch (thrown) {
    if (signal?.aborted === true) {
      throw thrown;
    }
    throw new Problem('unreachable', texts.errors.unreachable);
  }
}

/** The body as JSON; `null` for an empty one and for what is none, such as a proxy's HTML page. */
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
    return new Problem('signedOut', texts.errors.signedOut, answer.status);
  }
  return new Problem('broken', texts.errors.broken(answer.status), answer.status);
}
