import { texts } from '@/texts';
import { Problem } from './problem';

/** Ends a request that stays silent for longer than expected. */
export class Watchdog {
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

/** Returns the result of `ask` if it comes within `ms`, and throws a `Problem` otherwise. */
export async function within<T>(ms: number, outer: AbortSignal, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const watch = new Watchdog(outer);
  watch.expect(ms);
  try {
    return await ask(watch.signal);
  } catch (thrown) {
    throw watch.isLate ? new Problem('unreachable', texts.errors.unreachable) : thrown;
  } finally {
    watch.end();
  }
}
