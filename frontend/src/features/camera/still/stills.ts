/** Fetches stills for every place of the page that shows one: staggered, few at a time, and none for a place that was removed. */
import type { AskStill, Still, StillAnswer } from '@/api/still';
import { isMultiplexed } from '@/browser/protocol';
import { choose, nextDueMs } from './rota';

/** Over HTTP/1.1 a stream of events and two low-latency streams leave one connection: stills take turns with commands. */
const atOnce = (): number => (isMultiplexed() ? 3 : 1);
const answerWithinMs = 8_000;

/** A place on the page that shows stills. */
export interface Place {
  readonly id: number;
  /** Of the still it has. */
  readonly tag: string | null;
  readonly ask: AskStill;
  /** When its next turn is due if nothing is heard of it; `null`: as the others', by their number. */
  readonly againMs: (() => number) | null;
  show(still: Still, signal: AbortSignal): Promise<void>;
}

interface Waiting {
  readonly place: Place;
  dueMs: number;
  busy: boolean;
  /** There is news of it since its turn began. */
  hasNews: boolean;
  /** Ends the request that is under way. */
  giveUp: () => void;
}

/** What keeps a place supplied. */
export interface Supply {
  /** There is a new picture: the next turn is due. */
  readonly hurry: () => void;
  readonly stop: () => void;
}

export class Stills {
  readonly #waiting = new Set<Waiting>();
  #underWay = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Keeps the place supplied, from now on until that is stopped. */
  supply(place: Place): Supply {
    const waiting: Waiting = { place, dueMs: Date.now(), busy: false, hasNews: false, giveUp: () => undefined };
    this.#waiting.add(waiting);
    this.#plan();
    return {
      hurry: () => {
        waiting.hasNews = true;
        // Who is told often must not go before who has waited longer.
        waiting.dueMs = Math.min(waiting.dueMs, Date.now());
        this.#plan();
      },
      stop: () => {
        this.#waiting.delete(waiting);
        waiting.giveUp();
        this.#plan();
      },
    };
  }

  #plan(): void {
    clearTimeout(this.#timer);
    while (this.#underWay < atOnce()) {
      const next = choose(this.#waiting, Date.now());
      if (next === null) {
        return;
      }
      if (typeof next === 'number') {
        this.#timer = setTimeout(() => this.#plan(), next);
        return;
      }
      void this.#serve(next);
    }
  }

  #nextDueMs({ hasNews, place: { againMs } }: Waiting): number {
    const now = Date.now();
    return hasNews ? now : againMs === null ? nextDueMs(now, this.#waiting.size, Math.random()) : now + againMs();
  }

  async #serve(waiting: Waiting): Promise<void> {
    const { place } = waiting;
    const gone = new AbortController();
    waiting.giveUp = () => gone.abort();
    waiting.busy = true;
    waiting.hasNews = false;
    this.#underWay += 1;
    const late = setTimeout(waiting.giveUp, answerWithinMs);
    try {
      const answer: StillAnswer = await place.ask(place.id, place.tag, gone.signal);
      if (typeof answer !== 'string') {
        await place.show(answer, gone.signal);
      }
    } catch {
      // The still is missing, late or damaged. The next turn may succeed.
    } finally {
      clearTimeout(late);
      this.#underWay -= 1;
      waiting.busy = false;
      // Among those that are due at the same time it comes last now.
      if (this.#waiting.delete(waiting)) {
        this.#waiting.add(waiting);
      }
      waiting.dueMs = this.#nextDueMs(waiting);
      this.#plan();
    }
  }
}

/** All places of the page share one rota. */
export const stills = new Stills();
