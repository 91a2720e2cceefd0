import { useSyncExternalStore } from 'react';
import type { Signal } from './signal';

export const useSignal = <T>(signal: Signal<T>): T => useSyncExternalStore(signal.subscribe, () => signal.value);

const deaf = () => () => undefined;

/** Returns the signal's value, or `otherwise` while there is no signal. */
export const useSignalOr = <T>(signal: Signal<T> | null, otherwise: T): T =>
  useSyncExternalStore(signal?.subscribe ?? deaf, () => (signal === null ? otherwise : signal.value));
