/** The one place that holds what the printers are doing, and the hooks that read single fields of it. */
import { useCallback, useSyncExternalStore } from 'react';
import type { Camera } from '@/api/schemas';
import type { Status } from '@/api/status';
import { Signal } from '@/base/signal';
import { type Fleet, type FleetChange, apply } from './fleet';

/** The way of the news from the service to this page. */
export type Connection =
  | { readonly kind: 'opening' }
  | { readonly kind: 'live' }
  /** The service answers, but its stream does not come through: it is asked every few seconds. */
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

/** One field of what a printer does: who reads it draws anew when it changes, and not each second. `null` while nothing is known. */
export const useField = <K extends keyof Status>(id: number, name: K): Status[K] | null =>
  useSyncExternalStore(
    fleetStore.subscribe,
    useCallback(() => statusIn(id)?.[name] ?? null, [id, name]),
  );

export const useConnection = (): Connection => useSyncExternalStore(fleetStore.subscribe, () => fleetStore.connection);

/** How the service last said the camera is; `null` while nothing is known. */
export const useCameraReport = (id: number): Camera | null =>
  useSyncExternalStore(
    fleetStore.subscribe,
    useCallback(() => fleetStore.fleet.get(id)?.camera ?? null, [id]),
  );
