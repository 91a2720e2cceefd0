/** The registered printers: one list for the whole page. */
import { listPrinters } from '@/api/printers';
import { Problem } from '@/api/problem';
import type { Printer } from '@/api/schemas';
import { within } from '@/api/watchdog';
import { replaceEqual } from '@/base/replaceEqual';
import { Signal } from '@/base/signal';
import { useSignal } from '@/base/useSignal';

interface PrinterList {
  /** `null` before the first answer; kept while the service is away. */
  readonly printers: readonly Printer[] | null;
  /** Why the last request failed. */
  readonly error: Error | null;
}

/** A page that was open during a restart of the service recovers without a reload. */
const againMs = 5_000;
/** Failures that may be temporary are not shown at once. */
const quietRetries = 2;
const retryMs = 1_000;
const answerMs = 10_000;

const list = new Signal<PrinterList>({ printers: null, error: null });
let asking: { readonly run: AbortController; readonly done: Promise<void> } | null = null;
let isDirty = false;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Requests the list. If a request is in progress, another one follows it, because its answer may already be outdated. */
export function refreshPrinters(): Promise<void> {
  if (asking !== null) {
    isDirty = true;
    return asking.done;
  }
  clearTimeout(timer);
  const run = new AbortController();
  const done = ask(run.signal).finally(() => {
    if (run.signal.aborted) {
      return;
    }
    asking = null;
    if (isDirty) {
      isDirty = false;
      void refreshPrinters();
    }
  });
  asking = { run, done };
  return done;
}

/** Aborts the request in progress, because a person asked or the page was suspended meanwhile. */
export function refreshPrintersNow(): Promise<void> {
  asking?.run.abort();
  asking = null;
  isDirty = false;
  return refreshPrinters();
}

async function ask(signal: AbortSignal, failures = 0): Promise<void> {
  try {
    const printers = replaceEqual(list.value.printers, await within(answerMs, signal, listPrinters));
    list.set({ printers, error: null });
  } catch (thrown) {
    if (signal.aborted) {
      return;
    }
    if (failures < quietRetries && thrown instanceof Problem && thrown.mayPass) {
      await new Promise((resolve) => setTimeout(resolve, retryMs * 2 ** failures));
      await (signal.aborted ? undefined : ask(signal, failures + 1));
      return;
    }
    list.set({ ...list.value, error: thrown instanceof Error ? thrown : new Error(String(thrown)) });
    timer = setTimeout(() => void refreshPrinters(), againMs);
  }
}

/** Shows a change of this page before the service confirms it. */
export function changePrinters(change: (printers: readonly Printer[]) => readonly Printer[]): void {
  list.set({ ...list.value, printers: change(list.value.printers ?? []) });
  void refreshPrinters();
}

/** Whether printers were added, removed or renamed while the page was not connected. */
export function isListOf(entries: readonly Pick<Printer, 'id' | 'name'>[]): boolean {
  const { printers } = list.value;
  const names = new Map(entries.map(({ id, name }) => [id, name]));
  return printers === null || (printers.length === names.size && printers.every(({ id, name }) => names.get(id) === name));
}

export const usePrinterList = (): PrinterList => useSignal(list);

const none: readonly Printer[] = [];

/** Returns the printers; an empty list before the first answer. */
export const usePrinters = (): readonly Printer[] => usePrinterList().printers ?? none;
