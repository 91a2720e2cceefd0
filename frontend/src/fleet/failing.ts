/** Whether the way to a printer or to its camera does not work, as the service says: then its stages tell where it ends. */
import { cameraCondition } from '@/api/cameraCondition';
import type { Camera } from '@/api/schemas';
import type { DisplayKind } from '@/api/status';
import { useCameraReport, useConnection, useField } from './fleetStore';

/** The stages of a camera that is switched off say where to turn it on. */
export function isCameraFailing(camera: Camera): boolean {
  const condition = cameraCondition(camera);
  return condition === 'failing' || condition === 'off';
}

export function isFailing(kind: DisplayKind | null, camera: Camera | null): boolean {
  const isAway = kind === 'offline' || kind === 'no-data';
  return isAway || (camera !== null && isCameraFailing(camera));
}

/** Of a service that is away itself nobody can ask for the stages. */
export function useFailing(id: number): boolean {
  const connection = useConnection().kind;
  const kind = useField(id, 'display')?.kind ?? null;
  const camera = useCameraReport(id);
  return connection !== 'lost' && connection !== 'signedOut' && isFailing(kind, camera);
}
