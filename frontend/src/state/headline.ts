/** What the tab says, which is all that is seen of a page in the background. Pure. */
import type { Status } from '@/api/status';
import { texts } from '@/texts/en';
import { type Seen, countKinds, kindOf, sorted } from './overview';

const loud = ['needs-you', 'paused', 'offline', 'no-data'] as const;

/** `47 % · Garage X1C`; in any other state but idle its word. */
export function printerHeadline(name: string, status: Status | null, nowMs: number): string {
  const kind = kindOf(status, nowMs);
  if (kind === null || kind === 'idle') {
    return name;
  }
  const percent = status?.percent ?? null;
  return kind === 'printing' && percent !== null
    ? texts.title.printing(texts.status.percent(percent), name)
    : texts.title.state(texts.status.kinds[kind], name);
}

/** The most urgent fact: who needs somebody, or which print will be done next. */
export function wallHeadline(printers: readonly Seen[], nowMs: number): string | null {
  const counts = countKinds(printers, nowMs);
  const [first] = sorted(printers, 'problem', nowMs);
  const kind = kindOf(first?.status ?? null, nowMs);
  if (first === undefined || kind === null) {
    return null;
  }
  const isLoud = loud.some((each) => each === kind) && first.status?.display.wasPrinting === true;
  if (kind === 'needs-you' || isLoud) {
    return (counts[kind] ?? 0) > 1 ? texts.wall.countOf[kind](counts[kind] ?? 0) : printerHeadline(first.name, first.status, nowMs);
  }
  const next = sorted(printers, 'finish', nowMs).find(({ status }) => kindOf(status, nowMs) === 'printing');
  return next === undefined ? null : printerHeadline(next.name, next.status, nowMs);
}
