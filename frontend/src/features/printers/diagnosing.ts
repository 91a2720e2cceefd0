/** Which printer is being looked into. Outside React: what opens the sheet may be gone when the camera comes back. */
import { useSyncExternalStore } from 'react';

export interface Diagnosed {
  readonly id: number;
  readonly name: string;
}

let current: Diagnosed | null = null;
const listeners = new Set<() => void>();

export function diagnose(printer: Diagnosed | null): void {
  current = printer;
  for (const listener of listeners) {
    listener();
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useDiagnosed = (): Diagnosed | null => useSyncExternalStore(subscribe, () => current);
