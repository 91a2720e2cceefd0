import { cleanup, renderHook } from '@testing-library/react';
import { act } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Camera } from '@/api/schemas';
import { fleetStore } from '@/fleet/fleetStore';
import { texts } from '@/texts';
import { useReport } from './useReport';

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const after = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

describe('what the service says about a camera', () => {
  it('is asked for again where nobody answers for 10 s', async () => {
    const signals: AbortSignal[] = [];
    vi.stubGlobal('fetch', (_: string, { signal }: { readonly signal: AbortSignal }) =>
      new Promise((_resolve, reject) => {
        signals.push(signal);
        signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
      }),
    );
    const { result } = renderHook(() => useReport(1, true, false, 4_000));
    await after(9_900);
    expect(result.current.unreachable).toBeNull();
    await after(200);
    expect(result.current.unreachable).toBe(texts.errors.unreachable);
    await after(2_000);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  });

  it('is shown before the fleet knows the printer, and the fleet’s word from then on', async () => {
    vi.stubGlobal('fetch', async () => new Response(JSON.stringify({ step: 'connecting', sentence: 'Connecting.' })));
    const { result } = renderHook(() => useReport(1, true, false, 4_000));
    await after(100);
    expect(result.current.report?.step).toBe('connecting');
    const camera = { ...result.current.report, step: 'retrying' } as Camera;
    act(() => fleetStore.dispatch({ type: 'added', id: 1, name: 'Garage', status: null, camera }));
    expect(result.current.report?.step).toBe('retrying');
    await after(2_000);
    expect([result.current.report?.step, fleetStore.fleet.get(1)?.camera?.step]).toEqual(['connecting', 'connecting']);
  });
});
