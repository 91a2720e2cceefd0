/** What is said aloud of the printers' changes: the most urgent first, one at a time, once, and never of long ago. Pure: it is told the time. */
import { keyOf } from '@/api/advice';
import type { Display, DisplayKind, Status } from '@/api/status';
import { texts } from '@/texts';
import { awaySentence } from './away';
import { Damping } from './damping';
import { type Seen, kindsByUrgency, shownOf } from './overview';

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

/** What is known of one printer. */
interface Known {
  readonly damping: Damping;
  reason: string;
  /** When it may be said. */
  sayMs: number;
  said: string;
}

export class Announcements {
  readonly #known = new Map<number, Known>();
  #waiting: readonly News[] = [];
  #saidMs = -Infinity;

  /** What is to be said now; `null` for nothing new. */
  hear(printers: readonly Seen[], nowMs: number): string | null {
    for (const { id, name, status } of printers) {
      const shown = shownOf(status, nowMs);
      if (status !== null && shown !== null && this.#isNews(id, reasonOf(shown), nowMs)) {
        const news = { id, kind: shown.kind, sentence: sentenceOf(name, shown, status, nowMs), atMs: nowMs };
        this.#waiting = [...this.#waiting.filter((other) => other.id !== id), news];
      }
    }
    return this.#next(nowMs);
  }

  #isNews(id: number, reason: string, nowMs: number): boolean {
    const known = this.#known.get(id);
    if (known === undefined) {
      // How a printer is when it is first seen is on the page, and no news.
      const damping = new Damping();
      damping.enter(reason, nowMs);
      this.#known.set(id, { damping, reason, sayMs: nowMs, said: reason });
      return false;
    }
    if (reason !== known.reason) {
      known.reason = reason;
      known.sayMs = nowMs + known.damping.enter(reason, nowMs);
    }
    if (reason === known.said || nowMs < known.sayMs) {
      return false;
    }
    known.said = reason;
    return true;
  }

  #next(nowMs: number): string | null {
    this.#waiting = this.#waiting.filter(({ atMs }) => nowMs - atMs < oldMs);
    const [first, ...others] = this.#waiting.toSorted((a, b) => kindsByUrgency.indexOf(a.kind) - kindsByUrgency.indexOf(b.kind));
    if (first === undefined || nowMs - this.#saidMs < calmMs) {
      return null;
    }
    this.#saidMs = nowMs;
    // Of many at once the first is worth a sentence, the rest a number.
    this.#waiting = others.length > 2 ? [] : others;
    return others.length > 2 ? `${first.sentence} ${texts.announce.others(others.length)}` : first.sentence;
  }
}

/** Another complaint is another reason to go there. */
const reasonOf = (shown: Display): string => (shown.kind === 'needs-you' ? `${shown.kind} ${keyOf(shown)}` : shown.kind);

function sentenceOf(name: string, shown: Display, { display, lastUpdate }: Status, nowMs: number): string {
  const away = awaySentence(shown, lastUpdate, nowMs);
  // Where the page's own clock says it, the service's sentence is of another state.
  const sentence = shown.kind === display.kind ? display.sentence : '';
  return away === null ? texts.status.announce(name, texts.status.kinds[shown.kind], sentence) : texts.status.announceAway(name, away);
}
