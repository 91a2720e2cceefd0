/** Whether the service says that the connection to a printer or its camera fails. Then a test shows which stage fails. */
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

/** A service that does not answer cannot run a test. */
export function useFailing(id: number): boolean {
  const connection = useConnection().kind;
  const kind = useField(id, 'display')?.kind ?? null;
  const camera = useCameraReport(id);
  return connection !== 'lost' && connection !== 'signedOut' && isFailing(kind, camera);
}
