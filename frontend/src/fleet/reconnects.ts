/**
 * Counts how often a printer's connections were lost while this page was open. The service counts from its start, so only an
 * increase that this page has seen belongs to the last hour.
 */
import type { Fleet } from './fleet';
import { fleetStore } from './fleetStore';

const hourMs = 3_600_000;

export interface Flapping {
  readonly times: number;
  /** Time since the first of them. */
  readonly spanMs: number;
}

interface Seen {
  count: number;
  atMs: number;
  /** When this page saw each loss. */
  losses: number[];
}

export class ReconnectLog {
  readonly #seen = new Map<number, Seen>();

  observe(fleet: Fleet, nowMs: number): void {
    for (const [id, { status, camera }] of fleet) {
      if (status !== null) {
        this.#see(id, (status.link.reconnects ?? 0) + (camera?.reconnects ?? 0), nowMs);
      }
    }
  }

  /** The losses of the last hour; `null` for none. */
  of(id: number, nowMs: number): Flapping | null {
    const losses = this.#seen.get(id)?.losses.filter((atMs) => nowMs - atMs < hourMs) ?? [];
    const [first] = losses;
    return first === undefined ? null : { times: losses.length, spanMs: nowMs - first };
  }

  #see(id: number, count: number, nowMs: number): void {
    const seen = this.#seen.get(id);
    // A restarted service counts from zero; after an hour's sleep the time of a loss is unknown.
    if (seen === undefined || count < seen.count || nowMs - seen.atMs > hourMs) {
      this.#seen.set(id, { count, atMs: nowMs, losses: [] });
      return;
    }
    for (let more = seen.count; more < count; more += 1) {
      seen.losses.push(nowMs);
    }
    seen.losses = seen.losses.filter((atMs) => nowMs - atMs < hourMs);
    seen.count = count;
    seen.atMs = nowMs;
  }
}

export const reconnectLog = new ReconnectLog();
const look = () => reconnectLog.observe(fleetStore.fleet, Date.now());
// The current count is the base of later increases.
look();
fleetStore.subscribe(look);
