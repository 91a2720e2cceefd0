/** What is said aloud of the printers' changes: the most urgent first, one at a time, and never of long ago. Pure: it is told the time. */
import { type DisplayKind, displayKinds } from '@/api/status';
import { texts } from '@/texts/en';
import { type Seen, kindOf } from './overview';

/** Between two announcements. */
export const calmMs = 4_000;
/** By then it is no news any more, and seen on the page. */
const oldMs = 20_000;

interface News {
  readonly id: number;
  readonly kind: DisplayKind;
  readonly sentence: string;
  readonly atMs: number;
}

export class Announcements {
  readonly #kinds = new Map<number, DisplayKind>();
  #waiting: readonly News[] = [];
  #saidMs = -Infinity;

  /** What is to be said now; `null` for nothing new. */
  hear(printers: readonly Seen[], nowMs: number): string | null {
    for (const { id, name, status } of printers) {
      const kind = kindOf(status, nowMs);
      if (kind === null || kind === this.#kinds.get(id)) {
        continue;
      }
      // How a printer is when it is first seen is on the page, and no news.
      if (this.#kinds.has(id)) {
        const sentence = texts.status.announce(name, texts.status.kinds[kind], status?.display.sentence ?? '');
        this.#waiting = [...this.#waiting.filter((other) => other.id !== id), { id, kind, sentence, atMs: nowMs }];
      }
      this.#kinds.set(id, kind);
    }
    return this.#next(nowMs);
  }

  #next(nowMs: number): string | null {
    this.#waiting = this.#waiting.filter(({ atMs }) => nowMs - atMs < oldMs);
    const [first, ...others] = this.#waiting.toSorted((a, b) => displayKinds.indexOf(a.kind) - displayKinds.indexOf(b.kind));
    if (first === undefined || nowMs - this.#saidMs < calmMs) {
      return null;
    }
    this.#saidMs = nowMs;
    // Of many at once the first is worth a sentence, the rest a number.
    this.#waiting = others.length > 2 ? [] : others;
    return others.length > 2 ? `${first.sentence} ${texts.announce.others(others.length)}` : first.sentence;
  }
}
