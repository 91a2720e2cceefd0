/** All printers at a glance: what each shows now, how many there are of each, and in which order. Pure. */
import type { Display, DisplayKind, Status } from '@/api/status';
import { isAway, leftBehind } from './away';
import { believable } from './freshness';
import { finishMs } from './job';

/** A printer of the list, with what is known of it. `null`: nothing yet. */
export interface Seen {
  readonly id: number;
  readonly name: string;
  readonly status: Status | null;
}

/** In the order in which a person wants to hear of them. */
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

/** What a printer may be shown as now. */
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

/** Whoever is away with a print comes after whoever left because of a problem. */
const awayWith = { needed: kindsByUrgency.indexOf('offline'), busy: kindsByUrgency.indexOf('no-data') };
/** Away, and nothing was going on there: it is switched off. */
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

/** To the minute: prints that end together must not change places with each report. */
function finishMinute(status: Status | null, nowMs: number): number {
  const at = status !== null && kindOf(status, nowMs) === 'printing' ? finishMs(status) : null;
  return at === null ? Infinity : Math.round(at / 60_000);
}

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Sorted as asked; what is equal, by name and then by age. */
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

/** Also of two infinities, whose difference is no number. */
const ascending = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

export interface Choice {
  readonly filter: DisplayKind | null;
  /** Any word of it may be part of the name, the model or the print. */
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
