import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { texts } from '@/texts';

const printer = (name: string) => ({ id: 1, name, host: 'garage.local', serial: '00M1234ABC' });

/** The requests that wait for an answer. */
let questions: { readonly signal: AbortSignal; readonly answer: (name: string) => void }[];

beforeEach(async () => {
  vi.useFakeTimers();
  vi.resetModules();
  const { speak } = await import('@/texts');
  speak(texts);
  questions = [];
  vi.stubGlobal('fetch', (_: string, { signal }: { readonly signal: AbortSignal }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
      questions.push({ signal, answer: (name) => resolve(new Response(JSON.stringify([printer(name)]))) });
    }),
  );
});
afterEach(() => vi.useRealTimers());

const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('the list of printers', () => {
  it('is asked for again where nobody answers for 10 s', async () => {
    const { isListOf, refreshPrinters } = await import('./printerList');
    void refreshPrinters();
    await after(9_900);
    expect(questions).toHaveLength(1);
    await after(1_200);
    expect(questions).toHaveLength(2);
    questions[1]?.answer('Garage');
    await after(10);
    expect(isListOf([printer('Attic')])).toBe(false);
    expect(isListOf([printer('Garage')])).toBe(true);
  });

  it('is asked for anew when a person asks, whatever is under way', async () => {
    const { isListOf, refreshPrinters, refreshPrintersNow } = await import('./printerList');
    void refreshPrinters();
    void refreshPrintersNow();
    expect(questions.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    questions[1]?.answer('Garage');
    await after(10_000);
    expect(questions).toHaveLength(2);
    expect(isListOf([printer('Attic')])).toBe(false);
  });

  it('is asked for once more when it may have changed during a question', async () => {
    const { refreshPrinters } = await import('./printerList');
    void refreshPrinters();
    void refreshPrinters();
    questions[0]?.answer('Garage');
    await after(10);
    expect(questions).toHaveLength(2);
  });
});
