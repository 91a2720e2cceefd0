import { beforeEach, describe, expect, it, vi } from 'vitest';
import { signInEnded } from './signIn';
import { addPrinter, editPrinter, removePrinter } from './printers';
import { Problem } from './problem';
import { request } from './request';
import { cameraSchema, printersSchema } from './schemas';

const canary = 'CANARY-31415926';
const saved = { id: 1, name: 'Garage', host: '192.168.1.10', serial: '00M1234ABC', accessCode: canary, rtspUrl: null, news: 1 };
const draft = { name: 'Garage', host: '192.168.1.10', serial: '00M1234ABC', rtspUrl: null, cameraFingerprint: null };

function answers(status: number, body: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const stub = vi.fn<(path: string, init: RequestInit) => Promise<Response>>(async () => new Response(status === 204 ? null : text, { status }));
  vi.stubGlobal('fetch', stub);
  return stub;
}

const problemOf = async (promise: Promise<unknown>): Promise<Problem> => {
  const thrown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(thrown).toBeInstanceOf(Problem);
  return thrown as Problem;
};

beforeEach(() => signInEnded.set(false));

describe('the edge', () => {
  it('lets no access code in, though the service sends it', async () => {
    answers(200, [saved]);
    const printers = await request('GET', '/api/printers', printersSchema);
    expect(printers).toEqual([
      { id: 1, name: 'Garage', host: '192.168.1.10', serial: '00M1234ABC', rtspUrl: null, cameraFingerprint: null, cameraUser: null },
    ]);
    expect(JSON.stringify(printers)).not.toContain(canary);
  });

  it('takes a camera with nothing but its step, and drops figures that are none', async () => {
    answers(200, { step: 'connecting', framesPerSecond: 'many', since: 'yesterday', width: null });
    const camera = await request('GET', '/api/printers/1/camera', cameraSchema);
    expect(camera).toMatchObject({ step: 'connecting', sentence: '', framesPerSecond: null, since: null, width: null });
  });

  it.each([
    ['2026-01-18T20:15:00Z', Date.UTC(2026, 0, 18, 20, 15)],
    [1_768_767_300_000, 1_768_767_300_000],
  ])('reads the moment %s', async (since, expected) => {
    answers(200, { step: 'live', since });
    expect((await request('GET', '/x', cameraSchema)).since).toBe(expected);
  });

  it('sends as JSON, with the header no foreign page can send, what changes something', async () => {
    const fetched = answers(200, saved);
    await editPrinter(7, draft);
    const [path, init] = fetched.mock.calls[0] ?? [];
    expect(path).toBe('/api/printers/7');
    expect(init).toMatchObject({ method: 'PUT', redirect: 'manual', cache: 'no-store', body: JSON.stringify(draft) });
    expect(init?.headers).toMatchObject({ 'Content-Type': 'application/json', 'X-Requested-By': 'platecast' });
  });

  it('takes an answer without a body', async () => {
    answers(204, '');
    await expect(removePrinter(1)).resolves.toBeNull();
  });
});

describe('what goes wrong is', () => {
  it('a refusal with a sentence per field', async () => {
    answers(409, { ok: false, error: 'Already added as “Left”.', fields: { serial: 'Already added as “Left”.' } });
    const problem = await problemOf(addPrinter(draft));
    expect(problem).toMatchObject({ kind: 'refused', status: 409, message: 'Already added as “Left”.', fields: { serial: 'Already added as “Left”.' } });
    expect(problem.mayPass).toBe(false);
  });

  it('a refusal of the whole, when the fields are no sentences', async () => {
    answers(400, { ok: false, error: 'No.', fields: [1] });
    expect(await problemOf(addPrinter(draft))).toMatchObject({ kind: 'refused', message: 'No.', fields: {} });
  });

  it('an unreachable service', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    const problem = await problemOf(request('GET', '/api/printers', printersSchema));
    expect(problem.kind).toBe('unreachable');
    expect(problem.mayPass).toBe(true);
  });

  it('an ended sign-in, when the answer is a redirect or a proxy’s page', async () => {
    vi.stubGlobal('fetch', async () => ({ type: 'opaqueredirect', status: 0 }));
    expect((await problemOf(request('GET', '/api/printers', printersSchema))).kind).toBe('signedOut');
    signInEnded.set(false);
    answers(403, '<html>Sign in</html>');
    expect((await problemOf(request('GET', '/api/printers', printersSchema))).kind).toBe('signedOut');
  });

  it('asks nothing more once a sign-in has ended', async () => {
    answers(401, '<html>Sign in</html>');
    await problemOf(request('GET', '/api/printers', printersSchema));
    const fetched = answers(200, []);
    expect((await problemOf(request('GET', '/api/printers', printersSchema))).kind).toBe('signedOut');
    expect(fetched).not.toHaveBeenCalled();
  });

  it.each([
    [200, '<html>hello</html>'],
    [200, [{ id: 'one' }]],
    [502, '<html>Bad gateway</html>'],
  ])('an answer that makes no sense: %i', async (status, body) => {
    answers(status, body);
    expect(await problemOf(request('GET', '/api/printers', printersSchema))).toMatchObject({ kind: 'broken', status });
  });
});
