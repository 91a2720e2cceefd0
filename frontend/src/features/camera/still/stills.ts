/** Fetches stills for every place of the page that shows one: staggered, few at a time, and none for who has gone. */
import { type Still, type StillAnswer, askStill } from '@/api/still';
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
  show(still: Still, signal: AbortSignal): Promise<void>;
}

interface Waiting {
  readonly place: Place;
  dueMs: number;
  busy: boolean;
  /** Ends the request that is under way. */
  giveUp: () => void;
}

export class Stills {
  readonly #ask: typeof askStill;
  readonly #waiting = new Set<Waiting>();
  #underWay = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ask: typeof askStill = askStill) {
    this.#ask = ask;
  }

  /** Keeps the place supplied, from now on until what this returns is called. */
  supply(place: Place): () => void {
    const waiting: Waiting = { place, dueMs: Date.now(), busy: false, giveUp: () => undefined };
    this.#waiting.add(waiting);
    this.#plan();
    return () => {
      this.#waiting.delete(waiting);
      waiting.giveUp();
      this.#plan();
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

  async #serve(waiting: Waiting): Promise<void> {
    const { place } = waiting;
    const gone = new AbortController();
    waiting.giveUp = () => gone.abort();
    waiting.busy = true;
    this.#underWay += 1;
    const late = setTimeout(waiting.giveUp, answerWithinMs);
    try {
      const answer: StillAnswer = await this.#ask(place.id, place.tag, gone.signal);
      if (typeof answer !== 'string') {
        await place.show(answer, gone.signal);
      }
    } catch {
      // Gone, late, or not to be decoded: the next turn may be better.
    } finally {
      clearTimeout(late);
      this.#underWay -= 1;
      waiting.busy = false;
      waiting.dueMs = nextDueMs(Date.now(), this.#waiting.size, Math.random());
      this.#plan();
    }
  }
}

/** One page, one rota. */
export const stills = new Stills();
