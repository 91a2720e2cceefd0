import { endpoints } from '@/api/address';
import type { FleetEvent } from '@/api/events';
import { statusOf } from '@/api/printers';
import { request } from '@/api/request';
import { printersSchema } from '@/api/schemas';
import type { FleetStore } from './fleetStore';

/** What the stream's first event would have said, as far as single requests tell it. */
export async function snapshot(store: FleetStore, signal: AbortSignal): Promise<FleetEvent> {
  const printers = await request('GET', endpoints.printers, printersSchema, { signal });
  const entries = printers.map(async ({ id, name }) => ({
    id,
    name,
    status: await statusOf(id, signal),
    camera: store.fleet.get(id)?.camera ?? null,
  }));
  return { type: 'snapshot', build: null, printers: await Promise.all(entries) };
}
