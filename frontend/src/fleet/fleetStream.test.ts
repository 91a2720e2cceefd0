import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { request } from '@/api/request';
import { printersSchema } from '@/api/schemas';
import { FleetStore } from './fleetStore';
import { FleetStream } from './fleetStream';

const status = {
  connected: true,
  jobState: 'IDLE',
  percent: null,
  remainingMinutes: null,
  nozzleC: 24,
  bedC: 23,
  chamberC: null,
  light: 'off',
  lastUpdate: '2026-01-18T20:15:00Z',
};
const printer = { id: 1, name: 'Garage', host: 'garage.local', serial: '00M1234ABC' };
const snapshot = `event: snapshot\ndata: ${JSON.stringify({ printers: [{ ...printer, status }] })}\n\n`;

/** A stream that sends `text` and then stays open until its request is aborted. */
function saying(text: string, signal: AbortSignal | null | undefined): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      signal?.addEventListener('abort', () => controller.error(new DOMException('', 'AbortError')));
    },
  });
  return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
}

const answers = async (path: string) => new Response(JSON.stringify(path === '/api/printers' ? [printer] : status));
const failing = (answer: number) => async () => new Response('', { status: answer });

let store: FleetStore;
let stream: FleetStream;
let asked: string[];

function service(events: (init: RequestInit) => Promise<Response>, others: (path: string) => Promise<Response>) {
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    asked.push(path);
    return path === '/api/events' ? events(init) : others(path);
  });
  stream.start();
}

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  store = new FleetStore();
  stream = new FleetStream(store, () => undefined);
});

afterEach(() => {
  stream.stop();
  vi.useRealTimers();
});

describe('the fleet’s stream', () => {
  it('is live from its first event on, and asks nothing else', async () => {
    service(async ({ signal }) => saying(snapshot, signal), failing(500));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(store.connection.kind).toBe('live');
    expect(store.fleet.get(1)?.status?.nozzleC).toBe(24);
    expect(asked).toEqual(['/api/events']);
  });

  it('is opened anew after 25 s of silence', async () => {
    service(async ({ signal }) => saying(snapshot, signal), failing(500));
    await vi.advanceTimersByTimeAsync(27_000);
    expect(asked).toEqual(['/api/events', '/api/events']);
    expect(store.connection.kind).toBe('live');
  });

  it('is replaced by asking every 5 s where nothing of it arrives, and tried again', async () => {
    service(async ({ signal }) => saying('', signal), answers);
    await vi.advanceTimersByTimeAsync(10_100);
    expect(store.connection.kind).toBe('polling');
    expect(store.fleet.get(1)?.status?.nozzleC).toBe(24);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(asked.filter((path) => path === '/api/printers')).toHaveLength(6);
    expect(asked.filter((path) => path === '/api/events')).toHaveLength(2);
  });

  it('does not storm a service that answers with errors only', async () => {
    service(failing(502), failing(502));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(store.connection.kind).toBe('lost');
    expect(asked.length).toBeLessThan(30);
  });

  it('is not believed when it falls silent after its first words, twice', async () => {
    service(async ({ signal }) => saying(snapshot, signal), answers);
    await vi.advanceTimersByTimeAsync(26_000);
    expect(store.connection.kind).toBe('live');
    await vi.advanceTimersByTimeAsync(26_000);
    expect(store.connection.kind).toBe('polling');
  });

  it('gets a second try after the service was away, before a proxy is blamed', async () => {
    const kinds: string[] = [];
    store.subscribe(() => kinds.push(store.connection.kind));
    let tries = 0;
    service(
      async ({ signal }) => {
        tries += 1;
        return tries === 1 ? new Response('', { status: 502 }) : saying(tries === 2 ? '' : snapshot, signal);
      },
      answers,
    );
    await vi.advanceTimersByTimeAsync(10_000);
    expect(store.connection.kind).toBe('live');
    expect(kinds).not.toContain('polling');
  });

  it('comes back within 5 s of the service, however long that was away', async () => {
    let up = false;
    service(async ({ signal }) => (up ? saying(snapshot, signal) : new Response('', { status: 502 })), failing(502));
    await vi.advanceTimersByTimeAsync(600_000);
    up = true;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(store.connection.kind).toBe('live');
  });

  it('takes back that a printer is only quiet when the service has not been heard for a while, or never will be', async () => {
    const quiet = { ...status, lastUpdate: new Date(Date.now() - 600_000).toISOString(), display: { kind: 'idle', sentence: '' }, link: { step: 'quiet' } };
    const first = `event: snapshot\ndata: ${JSON.stringify({ printers: [{ ...printer, status: quiet }] })}\n\n`;
    let up = true;
    service(async ({ signal }) => (up ? saying(first, signal) : new Response('', { status: 502 })), failing(502));
    const step = () => store.fleet.get(1)?.status?.link.step;
    await vi.advanceTimersByTimeAsync(20_000);
    up = false;
    // The stream is reopened after 25 s of silence, and from then on there is no answer.
    await vi.advanceTimersByTimeAsync(60_000);
    expect([store.connection.kind, step()]).toEqual(['lost', 'quiet']);
    await vi.advanceTimersByTimeAsync(50_000);
    expect([store.connection.kind, step()]).toEqual(['lost', null]);
    up = true;
    await vi.advanceTimersByTimeAsync(5_000);
    expect([store.connection.kind, step()]).toEqual(['live', 'quiet']);
  });

  it('ends when any other answer shows that the sign-in has ended, and begins again when somebody looks', async () => {
    service(async ({ signal }) => saying(snapshot, signal), async () => ({ type: 'opaqueredirect', status: 0 }) as Response);
    await vi.advanceTimersByTimeAsync(100);
    await expect(request('GET', '/api/printers', printersSchema)).rejects.toMatchObject({ kind: 'signedOut' });
    expect(store.connection).toMatchObject({ kind: 'signedOut', heardMs: Date.now() - 100 });
    await vi.advanceTimersByTimeAsync(60_000);
    await expect(request('GET', '/api/printers', printersSchema)).rejects.toMatchObject({ kind: 'signedOut' });
    expect(asked).toEqual(['/api/events', '/api/printers']);
    stream.start();
    await vi.advanceTimersByTimeAsync(100);
    expect(store.connection.kind).toBe('live');
  });

  it('waits for a person where a sign-in has ended', async () => {
    service(async () => ({ type: 'opaqueredirect', status: 0 }) as Response, failing(502));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(store.connection.kind).toBe('signedOut');
    expect(asked).toEqual(['/api/events']);
  });
});
