import { Signal } from '@/base/signal';
import { type StableOrder, parkedMs, nextOrder, noOrder } from './stableOrder';

/** A finger that has left often comes back within this time. */
const fingerGraceMs = 2_000;

type Holder = 'pointer' | 'finger' | 'keyboard';

/** Holds the order that is shown, and lets it follow the right one when nobody is on the wall. It lives outside React because it has a clock. */
export class OrderHolder {
  readonly #stable = new Signal<StableOrder>(noOrder);
  #wanted = { order: '', question: '' };
  readonly #heldUntilMs: Record<Holder, number> = { pointer: 0, finger: 0, keyboard: 0 };
  #timer: ReturnType<typeof setTimeout> | undefined;

  order = (): string => this.#stable.value.order;

  want(order: string, question: string): void {
    this.#wanted = { order, question };
    this.#look();
  }

  /** Somebody is there, and did something just now. */
  hold(by: Holder): void {
    this.#heldUntilMs[by] = Date.now() + parkedMs;
  }

  release(by: Holder): void {
    this.#heldUntilMs[by] = by === 'finger' ? Date.now() + fingerGraceMs : 0;
    this.#look();
  }

  subscribe = (listener: () => void): (() => void) => {
    const forget = this.#stable.subscribe(listener);
    return () => {
      forget();
      clearTimeout(this.#timer);
    };
  };

  readonly #look = (): void => {
    clearTimeout(this.#timer);
    const { order, question } = this.#wanted;
    const heldUntilMs = Math.max(...Object.values(this.#heldUntilMs));
    const next = nextOrder(this.#stable.value, order, question, heldUntilMs, Date.now());
    if (next !== this.#stable.value) {
      this.#stable.set(next);
    } else if (order !== next.order) {
      this.#timer = setTimeout(this.#look, 1_000);
    }
  };
}
