/** The printers as they are registered: one list for the whole page. */
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
  /** Why the last question came to nothing. */
  readonly error: Error | null;
}

/** A page that was open while the service restarted comes back by itself. */
const againMs = 5_000;
/** Failures that may pass are not worth a word at once. */
const quietRetries = 2;
const retryMs = 1_000;
const answerMs = 10_000;

const list = new Signal<PrinterList>({ printers: null, error: null });
let asking: { readonly run: AbortController; readonly done: Promise<void> } | null = null;
let isDirty = false;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Asks for the list; a question that is under way is followed by another, since its answer may be of before. */
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

/** Gives up the question that is under way: a person asks, or its connection was slept through. */
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

/** What this page has changed itself is shown before the service is asked. */
export function changePrinters(change: (printers: readonly Printer[]) => readonly Printer[]): void {
  list.set({ ...list.value, printers: change(list.value.printers ?? []) });
  void refreshPrinters();
}

/** Whether others came, went or were renamed while the page heard nothing. */
export function isListOf(entries: readonly Pick<Printer, 'id' | 'name'>[]): boolean {
  const { printers } = list.value;
  const names = new Map(entries.map(({ id, name }) => [id, name]));
  return printers === null || (printers.length === names.size && printers.every(({ id, name }) => names.get(id) === name));
}

export const usePrinterList = (): PrinterList => useSignal(list);

const none: readonly Printer[] = [];

/** The printers, none before they are known. */
export const usePrinters = (): readonly Printer[] => usePrinterList().printers ?? none;
