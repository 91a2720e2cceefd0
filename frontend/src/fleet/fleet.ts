/** The data of all printers, and how an event changes it. Pure. */
import type { FleetEntry, FleetEvent } from '@/api/events';
import { replaceEqual } from '@/base/replaceEqual';

export type Fleet = ReadonlyMap<number, FleetEntry>;

/** `unheard`: the service has been silent for so long that its data about the printers' connections is outdated. */
export type FleetChange = FleetEvent | { readonly type: 'unheard' };

/**
 * Returns the fleet after an event. Everything that the event does not change stays the same object, down to the single field,
 * so React knows what to render again.
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
    case 'picture':
      // News for whoever shows it (`pictureNews`), and not a state.
      return fleet;
    case 'unheard':
      return [...fleet.values()].reduce(unheard, fleet);
  }
}

/** It is no longer known whether the printer is only quiet. */
function unheard(fleet: Fleet, { id, status }: FleetEntry): Fleet {
  return status?.link.step === 'quiet' ? change(fleet, id, { status: { ...status, link: { ...status.link, step: null } } }) : fleet;
}

/** An event for a printer that is not in the fleet is late: the printer was removed. */
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
