/** News that a person has read and put away on this device. */
import { useSyncExternalStore } from 'react';
import { Signal } from '@/base/signal';

const storedAs = 'platecast.dismissed';
/** What is older has been replaced by other news long ago. */
const most = 50;

const turns = new Signal(0);
/** Where the browser stores nothing. */
let unkept: readonly string[] = [];

function read(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storedAs) ?? '[]');
    return Array.isArray(kept) ? [...unkept, ...kept.filter((key) => typeof key === 'string')] : unkept;
  } catch {
    return unkept;
  }
}

export function dismiss(key: string): void {
  const kept = [...new Set([...read(), key])].slice(-most);
  unkept = kept;
  try {
    localStorage.setItem(storedAs, JSON.stringify(kept));
  } catch {
    // Then it stays away until the page is closed.
  }
  turns.set(turns.value + 1);
}

export const isDismissed = (key: string): boolean => read().includes(key);

export const useIsDismissed = (key: string): boolean => useSyncExternalStore(turns.subscribe, () => isDismissed(key));
