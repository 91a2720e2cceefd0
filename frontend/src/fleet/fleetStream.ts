/**
 * Keeps the store up to date: by the fleet's stream of events, and by asking where the stream does not come through.
 *
 * ```text
 * opening ─► live ─► lost ─► live …        the service is away: try again, with pauses that grow
 *     └────► polling ─► live               it answers, but a proxy holds the stream back, or it is full
 *     any ─► signedOut ─► (page load)      a proxy wants a sign-in: nothing is asked any more
 * ```
 */
import { endpoints } from '@/api/address';
import { type FleetEvent, parseEvent } from '@/api/events';
import { Problem } from '@/api/problem';
import { openStream } from '@/api/request';
import { EventReader, chunksOf } from '@/api/sse';
import type { FleetStore } from './fleetStore';
import { unbelievableMs } from './freshness';
import { signInEnded } from '@/api/signIn';
import { snapshot } from './poll';
import { Watchdog } from '@/api/watchdog';

/** A stream whose first event is not here after so long is held back. */
const firstEventMs = 8_000;
/** The same, and for each answer, when the service was away: a dead connection must not keep the page from a live one. */
const firstEventAgainMs = 5_000;
/** The service sends something every 15 s, if only a comment. */
const silenceMs = 25_000;
/** What is later than this after the first event shows that news come through one by one. */
const burstMs = 2_000;
const pollMs = 5_000;
const answerMs = 10_000;
/** While asking, the stream is tried again after so many times. */
const pollsPerTry = 6;
const shortestPauseMs = 500;
/** Everybody is to be back within 5 s of the service. */
const longestPauseMs = 4_000;

/** `isStreamed`: the stream said it. Otherwise it was asked for. */
type OnEvent = (event: FleetEvent, isStreamed: boolean) => void;

type End = 'ended' | 'heldBack' | 'unreachable';

export class FleetStream {
  readonly #store: FleetStore;
  readonly #onEvent: OnEvent;
  #run: AbortController | null = null;
  #heardMs: number | null = null;
  /** Streams in a row that fell silent after their first words. */
  #mute = 0;
  #hurry: () => void = () => undefined;
  #forgetSignIn: () => void = () => undefined;

  /** `onEvent` hears each event after the store. */
  constructor(store: FleetStore, onEvent: OnEvent) {
    this.#store = store;
    this.#onEvent = onEvent;
  }

  start(): void {
    this.stop();
    // Somebody looks, who may have signed in elsewhere.
    signInEnded.set(false);
    this.#forgetSignIn = signInEnded.subscribe(() => this.#signedOut());
    this.#run = new AbortController();
    void this.#keep(this.#run.signal);
  }

  stop(): void {
    this.#forgetSignIn();
    this.#run?.abort();
    this.#run = null;
  }

  /** Tries again now, where it would pause. */
  hurry(): void {
    this.#hurry();
  }

  async #keep(signal: AbortSignal): Promise<void> {
    let failures = 0;
    let heldBack = 0;
    while (!signal.aborted) {
      const heardBefore = this.#heardMs;
      const end = await this.#listen(signal);
      if (signal.aborted) {
        return;
      }
      failures = this.#heardMs === heardBefore ? failures + 1 : 0;
      heldBack = end === 'heldBack' ? heldBack + 1 : 0;
      // A service that was away may only be slow to begin: its stream gets a second try before a proxy is blamed.
      const times = heldBack === 1 && this.#store.connection.kind === 'lost' ? 1 : pollsPerTry;
      if (end === 'heldBack' && (await this.#poll(times, signal))) {
        continue;
      }
      if (signal.aborted) {
        return;
      }
      this.#lost();
      await this.#pause(spread(Math.min(shortestPauseMs * 2 ** failures, longestPauseMs)), signal);
    }
  }

  /** One stream, from its opening to its end. */
  async #listen(outer: AbortSignal): Promise<End> {
    const watch = new Watchdog(outer);
    let firstMs: number | null = null;
    try {
      watch.expect(this.#store.connection.kind === 'lost' ? firstEventAgainMs : firstEventMs);
      const reader = new EventReader();
      for await (const chunk of chunksOf(await openStream(endpoints.events, watch.signal))) {
        for (const { type, data } of reader.push(chunk)) {
          firstMs ??= Date.now();
          this.#take(parseEvent(type, data));
        }
        if (firstMs !== null) {
          // A comment, too, says that nothing has changed until now.
          this.#heardMs = Date.now();
          this.#mute = this.#heardMs - firstMs > burstMs ? 0 : this.#mute;
          watch.expect(silenceMs);
        }
      }
      return firstMs === null ? 'heldBack' : 'ended';
    } catch (thrown) {
      if (thrown instanceof Problem) {
        // An error that is not in the service's own words is a proxy's that does not reach it.
        const isAway = thrown.kind === 'unreachable' || (thrown.kind === 'broken' && thrown.mayPass);
        return isAway ? 'unreachable' : 'heldBack';
      }
      if (!watch.isLate) {
        return 'ended';
      }
      this.#mute += firstMs === null ? 0 : 1;
      // Once may be a connection that died; twice is a proxy that lets the first words through and keeps the others.
      return firstMs === null || this.#mute > 1 ? 'heldBack' : 'ended';
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
    this.#onEvent(event, true);
  }

  /** Asks for everything, until it is worth trying the stream again. `false`: the service is away. */
  async #poll(times: number, signal: AbortSignal): Promise<boolean> {
    for (let turn = 0; turn < times && !signal.aborted; turn += 1) {
      const watch = new Watchdog(signal);
      watch.expect(this.#store.connection.kind === 'lost' ? firstEventAgainMs : answerMs);
      try {
        const event = await snapshot(this.#store, watch.signal);
        this.#heardMs = Date.now();
        this.#store.dispatch(event);
        this.#onEvent(event, false);
      } catch {
        return false;
      } finally {
        watch.end();
      }
      if (times > 1) {
        this.#store.connectionIs({ kind: 'polling' });
        await this.#pause(pollMs, signal);
      }
    }
    return true;
  }

  #lost(): void {
    this.#store.connectionIs({ kind: 'lost', sinceMs: Date.now(), heardMs: this.#heardMs });
    if (Date.now() - (this.#heardMs ?? 0) > unbelievableMs) {
      this.#store.dispatch({ type: 'unheard' });
    }
  }

  /** Asking again cannot help: a person has to sign in, which loads the page anew. */
  #signedOut(): void {
    if (signInEnded.value) {
      this.stop();
      this.#store.connectionIs({ kind: 'signedOut', heardMs: this.#heardMs });
      this.#store.dispatch({ type: 'unheard' });
    }
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

/** Anything from half of it, so that many pages do not come back in the same moment. */
const spread = (ms: number): number => ms * (0.5 + Math.random() / 2);
