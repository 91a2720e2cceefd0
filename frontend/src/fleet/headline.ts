/** What the tab says, which is all that is seen of a page in the background. Pure. */
import type { Display, Status } from '@/api/status';
import { texts } from '@/texts';
import { isAway, leftBehind } from './away';
import { type Seen, countKinds, kindOf, shownOf, sorted } from './overview';

export interface Headline {
  readonly words: string | null;
  /** Whether a person is needed or a printer is away. A state that comes and goes must not blink in the tab. */
  readonly isAlarm: boolean;
}

/** `47 % · Garage X1C`; in any other state but idle its word. */
export function printerHeadline(name: string, status: Status | null, nowMs: number): Headline {
  const shown = shownOf(status, nowMs);
  if (shown === null || shown.kind === 'idle') {
    return { words: name, isAlarm: false };
  }
  const percent = status?.percent ?? null;
  const words =
    shown.kind === 'printing' && percent !== null
      ? texts.title.printing(texts.status.percent(percent), name)
      : texts.title.state(wordOf(shown), name);
  return { words, isAlarm: shown.kind === 'needs-you' || isAway(shown) };
}

/** `Offline, needed you`: what it left behind. */
function wordOf(shown: Display): string {
  const left = isAway(shown) ? leftBehind(shown) : null;
  const word = texts.status.kinds[shown.kind];
  return left === null ? word : texts.title.away[left](word);
}

/** The most urgent fact: which printer needs a person, which print ends next, or else which one failed. */
export function wallHeadline(printers: readonly Seen[], nowMs: number): Headline {
  const counts = countKinds(printers, nowMs);
  const [first] = sorted(printers, 'problem', nowMs);
  const shown = shownOf(first?.status ?? null, nowMs);
  if (first === undefined || shown === null) {
    return { words: null, isAlarm: false };
  }
  const { kind } = shown;
  const count = counts[kind] ?? 0;
  const ofFirst = printerHeadline(first.name, first.status, nowMs);
  const told: Headline = count > 1 ? { ...ofFirst, words: texts.wall.countOf[kind](count) } : ofFirst;
  if (kind === 'needs-you' || ((kind === 'paused' || isAway(shown)) && leftBehind(shown) !== null)) {
    return told;
  }
  const next = sorted(printers, 'finish', nowMs).find(({ status }) => kindOf(status, nowMs) === 'printing');
  if (next !== undefined) {
    return printerHeadline(next.name, next.status, nowMs);
  }
  return kind === 'failed' ? told : { words: null, isAlarm: false };
}
