/** Describes a printer that no longer reports: since when, and its state at that time. Pure. */
import type { Display, Status } from '@/api/status';
import { texts } from '@/texts';
import { past } from '@/texts/format';

const words = texts.status;

export const isAway = ({ kind }: Pick<Display, 'kind'>): boolean => kind === 'offline' || kind === 'no-data';

const busy: ReadonlySet<string> = new Set(['printing', 'preparing', 'paused']);

/** The unfinished business of a lost printer: it needed a person, or a print was going on. `null`: it was probably switched off. */
export function leftBehind({ before, wasPrinting }: Display): 'needed' | 'busy' | null {
  return before?.kind === 'needs-you' ? 'needed' : wasPrinting || (before !== null && busy.has(before.kind)) ? 'busy' : null;
}

/** `it needed you then: Filament ran out.`; `null` if there is nothing that a person has to know. */
function then({ before, wasPrinting }: Display): string | null {
  const kind = before?.kind ?? (wasPrinting ? 'printing' : null);
  if (kind === 'needs-you') {
    return words.neededThen(before?.sentence ?? '');
  }
  return kind === null ? null : ((words.wasThen as Readonly<Record<string, string>>)[kind] ?? null);
}

/** `Offline since 22:14; it needed you then: Filament ran out.`; `null` if the word alone says as much. */
export function awaySentence(display: Display, lastUpdate: number | null, nowMs: number): string | null {
  const was = isAway(display) ? then(display) : null;
  if (was === null) {
    return null;
  }
  const sinceMs = sinceOf(display, lastUpdate);
  const word = display.kind === 'offline' && sinceMs !== null ? words.offlineSince(past(sinceMs, nowMs)) : words.kinds[display.kind];
  return words.andThen(word, was);
}

/** Returns when the printer was lost: as the service says, or else the time of its last report. */
export const sinceOf = ({ since }: Pick<Display, 'since'>, lastUpdate: Status['lastUpdate']): number | null => since ?? lastUpdate;
