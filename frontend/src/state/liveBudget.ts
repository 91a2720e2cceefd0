/**
 * Which cameras may play at once.
 *
 * A browser opens six connections to a host over HTTP/1.1, and a low-latency stream keeps two of them busy: with three
 * such streams nothing else gets through, not even the list of printers. Over HTTP/2 and 3 the limit is the decoder.
 */
import { useCallback, useEffect, useSyncExternalStore } from 'react';

export type Place = 'lowLatency' | 'standard';
/** `none`: not asked for. `wait`: asked for, and all are taken. */
export type Grant = Place | 'wait' | 'none';

export interface Limits {
  readonly lowLatency: number;
  readonly standard: number;
}

interface Wish {
  readonly key: string;
  readonly rank: number;
}

/**
 * Hands out the places. Who plays goes on as it is: a camera that comes or goes must not restart the others' pictures.
 * Free places go by rank, lowest first.
 */
export function share(wishes: readonly Wish[], limits: Limits, held: ReadonlyMap<string, Grant>): ReadonlyMap<string, Grant> {
  const grants = new Map<string, Grant>();
  const free = { lowLatency: limits.lowLatency, standard: limits.standard };
  const take = (key: string, grant: Place): boolean => {
    if (free[grant] <= 0) {
      return false;
    }
    free[grant] -= 1;
    grants.set(key, grant);
    return true;
  };
  for (const { key } of wishes) {
    const grant = held.get(key);
    if (grant === 'lowLatency' || grant === 'standard') {
      take(key, grant);
    }
  }
  for (const { key } of wishes.toSorted((a, b) => a.rank - b.rank)) {
    if (!grants.has(key) && !take(key, 'lowLatency') && !take(key, 'standard')) {
      grants.set(key, 'wait');
    }
  }
  return grants;
}

/** What this browser, network and screen can carry. */
export function limitsFor(protocol: string, narrow: boolean, saveData: boolean): Limits {
  if (saveData) {
    return { lowLatency: 1, standard: 0 };
  }
  if (protocol === 'h2' || protocol === 'h3') {
    return { lowLatency: narrow ? 4 : 9, standard: 0 };
  }
  return { lowLatency: 2, standard: narrow ? 0 : 4 };
}

class LiveBudget {
  #wishes: readonly Wish[] = [];
  #grants: ReadonlyMap<string, Grant> = new Map();
  readonly #listeners = new Set<() => void>();

  grant(key: string): Grant {
    return this.#grants.get(key) ?? 'none';
  }

  wish(wish: Wish): () => void {
    this.#set([...this.#wishes, wish]);
    return () => this.#set(this.#wishes.filter((other) => other !== wish));
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #set(wishes: readonly Wish[]): void {
    this.#wishes = wishes;
    this.#grants = share(wishes, currentLimits(), this.#grants);
    for (const listener of this.#listeners) {
      listener();
    }
  }
}

const budget = new LiveBudget();

/** What the camera `key` may play while it wishes to. */
export function useGrant(key: string, wanted: boolean, rank: number): Grant {
  useEffect(() => (wanted ? budget.wish({ key, rank }) : undefined), [key, wanted, rank]);
  return useSyncExternalStore(
    budget.subscribe,
    useCallback(() => budget.grant(key), [key]),
  );
}

function currentLimits(): Limits {
  const [navigation] = performance.getEntriesByType('navigation');
  const protocol = navigation instanceof PerformanceNavigationTiming ? navigation.nextHopProtocol : '';
  const { connection } = navigator as Navigator & { readonly connection?: { readonly saveData?: boolean } };
  return limitsFor(protocol, matchMedia('(max-width: 40rem)').matches, connection?.saveData === true);
}
