/** Which cameras of this page may play at once; the others show stills. */
import { useCallback, useEffect, useSyncExternalStore } from 'react';
import { savesData } from '@/base/saveData';
import { Signal } from '@/base/signal';
import { useSignal } from '@/base/useSignal';
import { DeviceChoice, subscribe as onChoice } from '@/browser/deviceChoice';
import { isMultiplexed } from '@/browser/protocol';
import { type Cost, type Frames, noFrames } from '@/features/camera/source';
import { type Playing, type LiveRequest, allotPlaces } from './allotPlaces';
import { type Bound, type Reason, boundsIn, learn, unlimited } from './capacity';

/** What this device shows of the cameras; stills save data. */
export const picturesChoice = new DeviceChoice('pictures', ['live', 'stills'], 'live');

/** `still`: it may show stills, the places to play are taken. `none`: not asked for. */
export type Grant = 'live' | 'still' | 'none';

/** Explains to the person why some cameras do not play. */
export interface LiveCount {
  readonly live: number;
  readonly wanted: number;
  /** `null` where all play that would like to. */
  readonly reason: Reason | null;
}

/** The state without any wish. */
const idle: LiveCount = { live: 0, wanted: 0, reason: null };
const learnEveryMs = 5_000;

class LiveBudget {
  readonly #wishes = new Map<string, LiveRequest>();
  readonly #frames = new Map<string, () => Frames>();
  readonly #balance = new Signal<LiveCount>(idle);
  #playing: Playing = new Map();
  #sustained = unlimited;
  #counted = new Map<string, Frames>();
  #isPlanned = false;
  #again: ReturnType<typeof setTimeout> | undefined;
  #learning: ReturnType<typeof setInterval> | undefined;

  constructor() {
    onChoice(() => this.#plan());
  }

  /** A new object after each time that the places were shared out. */
  get balance(): Signal<LiveCount> {
    return this.#balance;
  }

  grant(key: string): Grant {
    return this.#playing.has(key) ? 'live' : this.#wishes.has(key) ? 'still' : 'none';
  }

  wish(key: string, wish: LiveRequest, frames: () => Frames): void {
    this.#wishes.set(key, wish);
    this.#frames.set(key, frames);
    this.#plan();
  }

  leave(key: string): void {
    this.#wishes.delete(key);
    this.#frames.delete(key);
    this.#plan();
  }

  /** Shares the places soon, once for all wishes that change together: a wish that is replaced must not lose its place in between. */
  #plan(): void {
    if (!this.#isPlanned) {
      this.#isPlanned = true;
      queueMicrotask(() => {
        this.#isPlanned = false;
        this.#allotPlaces();
      });
    }
  }

  #allotPlaces(): void {
    clearTimeout(this.#again);
    const now = Date.now();
    const { playing, againMs, reason } = allotPlaces(this.#wishes, this.#bounds(), this.#playing, now);
    this.#playing = playing;
    if (againMs !== null) {
      this.#again = setTimeout(() => this.#allotPlaces(), againMs - now);
    }
    this.#learnWhile(playing.size > 0);
    this.#balance.set({ live: playing.size, wanted: this.#wishes.size, reason });
  }

  #bounds(): readonly Bound[] {
    return boundsIn({
      saver: picturesChoice.read() === 'stills',
      saveData: savesData(),
      multiplexed: isMultiplexed(),
      narrow: matchMedia('(max-width: 40rem)').matches,
      sustained: this.#sustained.places,
    });
  }

  #learnWhile(wanted: boolean): void {
    if (!wanted) {
      clearInterval(this.#learning);
      this.#learning = undefined;
    } else {
      this.#learning ??= setInterval(() => this.#learn(), learnEveryMs);
    }
  }

  #learn(): void {
    const before = this.#sustained.places;
    const counted = new Map([...this.#playing.keys()].map((key) => [key, this.#frames.get(key)?.() ?? noFrames]));
    // A hidden page drops frames for its own reasons, so it says nothing about the decoder.
    if (document.visibilityState === 'visible') {
      this.#sustained = learn(this.#sustained, counted.size, difference(counted, this.#counted), Date.now());
    }
    this.#counted = counted;
    if (this.#sustained.places !== before) {
      this.#plan();
    }
  }
}

/** Returns the difference. A player that was rebuilt counts from zero again. */
function difference(after: ReadonlyMap<string, Frames>, before: ReadonlyMap<string, Frames>): Frames {
  let [total, dropped] = [0, 0];
  for (const [key, frames] of after) {
    const last = before.get(key);
    if (last !== undefined && frames.total >= last.total && frames.dropped >= last.dropped) {
      total += frames.total - last.total;
      dropped += frames.dropped - last.dropped;
    }
  }
  return { total, dropped };
}

const budget = new LiveBudget();
const free: Cost = { decoders: 0, connections: 0 };

/**
 * What the camera `key` may do while it wishes to play: `null` for no wish. `frames` is asked while it plays. Who costs
 * nothing asks nobody for a place.
 */
export function useGrant(key: string, wish: LiveRequest | null, frames: () => Frames): Grant {
  const { insists = false, needsYou = false, attended = false, inView = 0, away = false, order = 0, cost = free } = wish ?? {};
  const { decoders, connections } = cost;
  const asks = wish !== null && decoders + connections > 0;
  useEffect(() => {
    if (asks) {
      budget.wish(key, { insists, needsYou, attended, inView, away, order, cost: { decoders, connections } }, frames);
    }
  }, [key, asks, insists, needsYou, attended, inView, away, order, decoders, connections, frames]);
  useEffect(() => (asks ? () => budget.leave(key) : undefined), [key, asks]);
  const granted = useSyncExternalStore(
    budget.balance.subscribe,
    useCallback(() => budget.grant(key), [key]),
  );
  return wish !== null && !asks ? 'live' : granted;
}

export const useLiveCount = (): LiveCount => useSignal(budget.balance);
