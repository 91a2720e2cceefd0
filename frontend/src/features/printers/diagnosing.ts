/** Which printer is being looked into. Outside React: what opens the sheet may be gone when the camera comes back. */
import { Signal } from '@/base/signal';
import { useSignal } from '@/base/useSignal';

export interface Diagnosed {
  readonly id: number;
  readonly name: string;
}

const diagnosed = new Signal<Diagnosed | null>(null);

export const diagnose = (printer: Diagnosed | null): void => diagnosed.set(printer);

export const useDiagnosed = (): Diagnosed | null => useSignal(diagnosed);
