import { act, cleanup, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useFleetFeed } from './useFleetFeed';

const own = vi.hoisted(() => {
  document.head.innerHTML = '<script type="module" src="/assets/index-aa.js"></script>';
  return document.head.innerHTML;
});

let streams: ReadableStreamDefaultController<Uint8Array>[];
let asked: string[];

beforeEach(() => {
  vi.useFakeTimers();
  streams = [];
  asked = [];
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path);
    return path === '/api/events'
      ? new Response(new ReadableStream({ start: (stream) => void streams.push(stream) }), { headers: { 'Content-Type': 'text/event-stream' } })
      : new Response(path === '/' ? own : '[]');
  });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const after = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

/** The last stream's first event. */
async function begin() {
  streams.at(-1)?.enqueue(new TextEncoder().encode(`event: snapshot\ndata: ${JSON.stringify({ build: null, printers: [] })}\n\n`));
  await after(10);
}

/** The stream ends, and the next one begins. */
async function beginAgain() {
  streams.at(-1)?.close();
  await after(2_000);
  await begin();
}

const times = (path: string) => asked.filter((one) => one === path).length;

describe('the feed of a service without a page of its own', () => {
  it('asks for the page once for each stream', async () => {
    renderHook(useFleetFeed);
    await after(10);
    await begin();
    expect(times('/')).toBe(1);
    await beginAgain();
    expect([streams.length, times('/')]).toEqual([2, 2]);
  });
});

describe('the list of printers', () => {
  it('is asked for again with each stream after the first one', async () => {
    renderHook(useFleetFeed);
    await after(10);
    await begin();
    expect(times('/api/printers')).toBe(0);
    await beginAgain();
    expect(times('/api/printers')).toBe(1);
  });

  it('is asked for again when the page wakes', async () => {
    renderHook(useFleetFeed);
    await after(10);
    await begin();
    window.dispatchEvent(new Event('online'));
    await after(10);
    expect(times('/api/printers')).toBe(1);
  });
});
