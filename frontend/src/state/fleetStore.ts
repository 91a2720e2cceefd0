/** The one place that holds what the printers are doing, and the hooks that read single fields of it. */
import { useCallback, useSyncExternalStore } from 'react';
import type { FleetEntry, FleetEvent } from '@/api/events';
import type { Status } from '@/api/status';
import { type Fleet, apply } from './fleet';

/** The way of the news from the service to this page. */
export type Connection =
  | { readonly kind: 'opening' }
  | { readonly kind: 'live' }
  /** The service answers, but its stream does not come through: it is asked every few seconds. */
  | { readonly kind: 'polling' }
  | { readonly kind: 'lost'; readonly sinceMs: number; readonly heardMs: number | null }
  | { readonly kind: 'signedOut' };

export class FleetStore {
  #fleet: Fleet = new Map();
  #connection: Connection = { kind: 'opening' };
  readonly #listeners = new Set<() => void>();

  get fleet(): Fleet {
    return this.#fleet;
  }

  get connection(): Connection {
    return this.#connection;
  }

  dispatch(event: FleetEvent): void {
    const after = apply(this.#fleet, event);
    if (after !== this.#fleet) {
      this.#fleet = after;
      this.#tell();
    }
  }

  connectionIs(connection: Connection): void {
    if (connection.kind === this.#connection.kind) {
      return;
    }
    this.#connection = connection;
    this.#tell();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #tell(): void {
    for (const listener of this.#listeners) {
      listener();
    }
  }
}

export const fleetStore = new FleetStore();

/** A part of what is known of a printer; `null` while nothing is. `select` must return what it is given, or a plain value. */
export function useEntry<T>(id: number, select: (entry: FleetEntry) => T): T | null {
  return useSyncExternalStore(
    fleetStore.subscribe,
    useCallback(() => {
      const entry = fleetStore.fleet.get(id);
      return entry === undefined ? null : select(entry);
    }, [id, select]),
  );
}

const statusOf = ({ status }: FleetEntry) => status;

export const useStatus = (id: number): Status | null => useEntry(id, statusOf);

export const useConnection = (): Connection => useSyncExternalStore(fleetStore.subscribe, () => fleetStore.connection);
