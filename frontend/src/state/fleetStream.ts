/**
 * Keeps the store up to date: by the fleet's stream of events, and by asking where the stream does not come through.
 *
 * ```text
 * opening ─► live ─► lost ─► live …        the service is away: try again, with pauses that grow
 *     └────► polling ─► live               it answers, but a proxy holds the stream back, or it is full
 * ```
 */
import { type FleetEvent, parseEvent } from '@/api/events';
import { statusOf } from '@/api/printers';
import { Problem } from '@/api/problem';
import { openStream, request } from '@/api/request';
import { printersSchema } from '@/api/schemas';
import { EventReader, chunksOf } from '@/api/sse';
import type { FleetStore } from './fleetStore';

const path = '/api/events';
/** A stream whose first event is not here after so long is held back. */
const firstEventMs = 10_000;
/** The service sends something every 15 s, if only a comment. */
const silenceMs = 25_000;
const pollMs = 5_000;
const answerMs = 10_000;
/** While asking, the stream is tried again after so many turns. */
const pollsPerTry = 6;
const shortestPauseMs = 500;
const longestPauseMs = 5_000;

type End = 'ended' | 'heldBack' | 'unreachable' | 'signedOut';

export class FleetStream {
  readonly #store: FleetStore;
  readonly #onEvent: (event: FleetEvent) => void;
  #run: AbortController | null = null;
  #heardMs: number | null = null;
  #hurry: () => void = () => undefined;

  /** `onEvent` hears each event after the store. */
  constructor(store: FleetStore, onEvent: (event: FleetEvent) => void) {
    this.#store = store;
    this.#onEvent = onEvent;
  }

  start(): void {
    this.stop();
    this.#run = new AbortController();
    void this.#keep(this.#run.signal);
  }

  stop(): void {
    this.#run?.abort();
    this.#run = null;
  }

  /** Tries again now, where it would pause. */
  hurry(): void {
    this.#hurry();
  }

  async #keep(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const heardBefore = this.#heardMs;
      const end = await this.#listen(signal);
      if (signal.aborted) {
        return;
      }
      failures = this.#heardMs === heardBefore ? failures + 1 : 0;
      if (end === 'signedOut') {
        // Asking again cannot help: a person has to sign in, which loads the page anew.
        this.#store.connectionIs({ kind: 'signedOut' });
        return;
      }
      if (end === 'heldBack' && (await this.#poll(signal))) {
        continue;
      }
      this.#lost();
      await this.#pause(jittered(Math.min(shortestPauseMs * 2 ** failures, longestPauseMs)), signal);
    }
  }

  /** One stream, from its opening to its end. */
  async #listen(outer: AbortSignal): Promise<End> {
    const watch = new Watchdog(outer);
    try {
      watch.expect(firstEventMs);
      const body = await openStream(path, watch.signal);
      const reader = new EventReader();
      let heard = false;
      for await (const chunk of chunksOf(body)) {
        for (const { type, data } of reader.push(chunk)) {
          heard = true;
          this.#take(parseEvent(type, data));
        }
        if (heard) {
          watch.expect(silenceMs);
        }
      }
      return heard ? 'ended' : 'heldBack';
    } catch (thrown) {
      if (thrown instanceof Problem) {
        return thrown.kind === 'signedOut' || thrown.kind === 'unreachable' ? thrown.kind : 'heldBack';
      }
      return watch.isLate && this.#store.connection.kind !== 'live' ? 'heldBack' : 'ended';
    } finally {
      watch.end();
    }
  }

  #take(event: FleetEvent | null): void {
    if (event === null) {
      return;
    }
    this.#heardMs = Date.now();
    this.#store.dispatch(event);
    this.#store.connectionIs({ kind: 'live' });
    this.#onEvent(event);
  }

  /** Asks for everything, a few times, until it is worth trying the stream again. `false`: the service is away. */
  async #poll(signal: AbortSignal): Promise<boolean> {
    for (let turn = 0; turn < pollsPerTry && !signal.aborted; turn += 1) {
      const watch = new Watchdog(signal);
      watch.expect(answerMs);
      try {
        const event = await snapshot(this.#store, watch.signal);
        this.#heardMs = Date.now();
        this.#store.dispatch(event);
        this.#store.connectionIs({ kind: 'polling' });
        this.#onEvent(event);
      } catch {
        return false;
      } finally {
        watch.end();
      }
      await this.#pause(pollMs, signal);
    }
    return true;
  }

  #lost(): void {
    this.#store.connectionIs({ kind: 'lost', sinceMs: Date.now(), heardMs: this.#heardMs });
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
      this.#hurry = done;
    });
  }
}

/** A tenth more or less, so that many pages do not come back in the same moment. */
const jittered = (ms: number): number => ms * (0.9 + Math.random() * 0.2);

/** Ends a request that stays silent for longer than expected. */
class Watchdog {
  readonly #abort = new AbortController();
  readonly #outer: AbortSignal;
  #timer: ReturnType<typeof setTimeout> | undefined;
  isLate = false;

  constructor(outer: AbortSignal) {
    this.#outer = outer;
    outer.addEventListener('abort', this.#stop);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  expect(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.isLate = true;
      this.#abort.abort();
    }, ms);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener('abort', this.#stop);
    this.#abort.abort();
  }

  readonly #stop = () => this.#abort.abort();
}

/** What the stream's first event would have said, as far as single requests tell it. */
async function snapshot(store: FleetStore, signal: AbortSignal): Promise<FleetEvent> {
  const printers = await request('GET', '/api/printers', printersSchema, { signal });
  const entries = printers.map(async ({ id, name }) => ({
    id,
    name,
    status: await statusOf(id, signal),
    camera: store.fleet.get(id)?.camera ?? null,
  }));
  return { type: 'snapshot', printers: await Promise.all(entries) };
}
