/** Holds the status of all printers, and the hooks that read single fields of it. */
import { useCallback, useSyncExternalStore } from 'react';
import type { Camera } from '@/api/schemas';
import type { Status } from '@/api/status';
import { Signal } from '@/base/signal';
import { type Fleet, type FleetChange, apply } from './fleet';

/** How this page receives events from the service. */
export type Connection =
  | { readonly kind: 'opening' }
  | { readonly kind: 'live' }
  /** The service answers, but its stream does not arrive, so the page polls every few seconds. */
  | { readonly kind: 'polling' }
  | { readonly kind: 'lost'; readonly sinceMs: number; readonly heardMs: number | null }
  /** A proxy wants a sign-in first. */
  | { readonly kind: 'signedOut'; readonly heardMs: number | null };

interface Known {
  readonly fleet: Fleet;
  readonly connection: Connection;
}

export class FleetStore {
  readonly #known = new Signal<Known>({ fleet: new Map(), connection: { kind: 'opening' } });
  readonly subscribe = this.#known.subscribe;

  get fleet(): Fleet {
    return this.#known.value.fleet;
  }

  get connection(): Connection {
    return this.#known.value.connection;
  }

  dispatch(event: FleetChange): void {
    const fleet = apply(this.fleet, event);
    if (fleet !== this.fleet) {
      this.#known.set({ ...this.#known.value, fleet });
    }
  }

  connectionIs(connection: Connection): void {
    if (connection.kind !== this.connection.kind) {
      this.#known.set({ ...this.#known.value, connection });
    }
  }
}

export const fleetStore = new FleetStore();

const statusIn = (id: number): Status | null => fleetStore.fleet.get(id)?.status ?? null;

export const useStatus = (id: number): Status | null =>
  useSyncExternalStore(
    fleetStore.subscribe,
    useCallback(() => statusIn(id), [id]),
  );

/** Returns one field of a printer's status. A component that reads it renders when the field changes, and not each second. `null` before the first report. */
export const useField = <K extends keyof Status>(id: number, name: K): Status[K] | null =>
  useSyncExternalStore(
    fleetStore.subscribe,
    useCallback(() => statusIn(id)?.[name] ?? null, [id, name]),
  );

export const useConnection = (): Connection => useSyncExternalStore(fleetStore.subscribe, () => fleetStore.connection);

/** Returns the service's last report about the camera; `null` before the first one. */
export const useCameraReport = (id: number): Camera | null =>
  useSyncExternalStore(
    fleetStore.subscribe,
    useCallback(() => fleetStore.fleet.get(id)?.camera ?? null, [id]),
  );
