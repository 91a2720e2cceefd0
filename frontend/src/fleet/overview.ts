/** The overview of all printers: what each shows, how many there are of each kind, and their order. Pure. */
import type { Display, DisplayKind, Status } from '@/api/status';
import { isAway, leftBehind } from './away';
import { believable } from './freshness';
import { finishMs } from './job';

/** A printer of the list with its data. `null`: there is none yet. */
export interface Seen {
  readonly id: number;
  readonly name: string;
  readonly status: Status | null;
}

/** The kinds in the order of their importance to a person. */
export const kindsByUrgency = [
  'needs-you',
  'paused',
  'offline',
  'no-data',
  'failed',
  'finished',
  'printing',
  'preparing',
  'stopped',
  'idle',
] as const satisfies readonly DisplayKind[];

export const sorts = ['problem', 'finish', 'name'] as const;
export type Sort = (typeof sorts)[number];

/** Returns what a printer can be shown as now. */
export const shownOf = (status: Status | null, nowMs: number): Display | null => (status === null ? null : believable(status, nowMs));

export const kindOf = (status: Status | null, nowMs: number): DisplayKind | null => shownOf(status, nowMs)?.kind ?? null;

export type Counts = Readonly<Partial<Record<DisplayKind, number>>>;

export function countKinds(printers: readonly Seen[], nowMs: number): Counts {
  const counts: Partial<Record<DisplayKind, number>> = {};
  for (const { status } of printers) {
    const kind = kindOf(status, nowMs);
    if (kind !== null) {
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
  }
  return counts;
}

/** A printer that was lost during a print comes after one that was lost with a problem. */
const awayWith = { needed: kindsByUrgency.indexOf('offline'), busy: kindsByUrgency.indexOf('no-data') };
/** Lost while nothing was going on: it is switched off. */
const asleep = kindsByUrgency.length;
const unknown = asleep + 1;

function urgencyOf(status: Status | null, nowMs: number): number {
  const shown = shownOf(status, nowMs);
  if (shown === null) {
    return unknown;
  }
  const left = leftBehind(shown);
  return isAway(shown) ? (left === null ? asleep : awayWith[left]) : kindsByUrgency.indexOf(shown.kind);
}

/** Rounded to the minute, so that prints that end together do not change places with each report. */
function finishMinute(status: Status | null, nowMs: number): number {
  const at = status !== null && kindOf(status, nowMs) === 'printing' ? finishMs(status) : null;
  return at === null ? Infinity : Math.round(at / 60_000);
}

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Returns the printers in the requested order; equal ones by name, and then by age. */
export function sorted(printers: readonly Seen[], sort: Sort, nowMs: number): readonly Seen[] {
  const keyed = printers.map((printer) => ({
    printer,
    urgency: sort === 'problem' ? urgencyOf(printer.status, nowMs) : 0,
    finish: sort === 'name' ? 0 : finishMinute(printer.status, nowMs),
    rest: sort === 'finish' ? urgencyOf(printer.status, nowMs) : 0,
  }));
  return keyed
    .toSorted(
      (a, b) =>
        a.urgency - b.urgency ||
        ascending(a.finish, b.finish) ||
        a.rest - b.rest ||
        byName.compare(a.printer.name, b.printer.name) ||
        a.printer.id - b.printer.id,
    )
    .map(({ printer }) => printer);
}

/** Also works for two infinities, whose difference is NaN. */
const ascending = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

export interface Choice {
  readonly filter: DisplayKind | null;
  /** Each word of the query can be part of the name, the model or the print. */
  readonly q: string;
}

export function matches({ name, status }: Seen, { filter, q }: Choice, nowMs: number): boolean {
  if (filter !== null && kindOf(status, nowMs) !== filter) {
    return false;
  }
  const text = [name, status?.model ?? '', status?.job.name ?? ''].join('\n').toLocaleLowerCase();
  return q
    .toLocaleLowerCase()
    .split(/\s+/u)
    .every((word) => text.includes(word));
}
