/** Whether the way to a printer or to its camera does not work, as the service says: then its stages tell where it ends. */
import { type Camera, isLive } from '@/api/schemas';
import type { DisplayKind } from '@/api/status';
import { useCameraNews, useConnection, useField } from './fleetStore';

/** Steps of a camera at which it stays. One that has failed before keeps its error while it is tried again. */
const stuck: ReadonlySet<string> = new Set(['stalled', 'retrying', 'refused', 'switched-off']);

export const isCameraFailing = (camera: Camera): boolean => !isLive(camera) && (camera.lastError !== null || stuck.has(camera.step));

export function isFailing(kind: DisplayKind | null, camera: Camera | null): boolean {
  const isAway = kind === 'offline' || kind === 'no-data';
  return isAway || (camera !== null && isCameraFailing(camera));
}

/** Of a service that is away itself nobody can ask for the stages. */
export function useFailing(id: number): boolean {
  const connection = useConnection().kind;
  const kind = useField(id, 'display')?.kind ?? null;
  const camera = useCameraNews(id);
  return connection !== 'lost' && connection !== 'signedOut' && isFailing(kind, camera);
}
