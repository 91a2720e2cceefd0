/** What is known of all printers, and what an event makes of it. Pure. */
import type { FleetEntry, FleetEvent } from '@/api/events';
import { replaceEqual } from '@/base/replaceEqual';

export type Fleet = ReadonlyMap<number, FleetEntry>;

/** `unheard`: the service has not been heard for so long that what it said of the printers' links is of the past. */
export type FleetChange = FleetEvent | { readonly type: 'unheard' };

/**
 * The fleet after an event. What an event leaves as it was keeps its identity, down to the single field: that is how
 * the page knows what to draw anew.
 */
export function apply(fleet: Fleet, event: FleetChange): Fleet {
  switch (event.type) {
    case 'snapshot':
      return settle(fleet, new Map(event.printers.map((entry) => [entry.id, kept(fleet.get(entry.id), entry)])));
    case 'printer':
      return change(fleet, event.id, { status: event.status });
    case 'camera':
      return change(fleet, event.id, { camera: event.camera });
    case 'added':
      return put(fleet, entryOf(event));
    case 'removed': {
      const rest = new Map(fleet);
      return rest.delete(event.id) ? rest : fleet;
    }
    case 'unheard':
      return [...fleet.values()].reduce(unheard, fleet);
  }
}

/** Nobody knows any more whether it is only quiet. */
function unheard(fleet: Fleet, { id, status }: FleetEntry): Fleet {
  return status?.link.step === 'quiet' ? change(fleet, id, { status: { ...status, link: { ...status.link, step: null } } }) : fleet;
}

/** News of a printer that is not in the fleet are late: it was removed. */
function change(fleet: Fleet, id: number, news: Partial<FleetEntry>): Fleet {
  const entry = fleet.get(id);
  return entry === undefined ? fleet : put(fleet, { ...entry, ...news });
}

function put(fleet: Fleet, entry: FleetEntry): Fleet {
  const before = fleet.get(entry.id);
  const after = kept(before, entry);
  return after === before ? fleet : new Map(fleet).set(entry.id, after);
}

const entryOf = ({ id, name, status, camera }: FleetEntry): FleetEntry => ({ id, name, status, camera });

const kept = (before: FleetEntry | undefined, after: FleetEntry): FleetEntry => replaceEqual(before, after);

function settle(before: Fleet, after: Fleet): Fleet {
  const same = before.size === after.size && [...after].every(([id, entry]) => before.get(id) === entry);
  return same ? before : after;
}
