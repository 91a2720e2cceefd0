/** The three ways that can fail apart from each other: to this page, to the printer, to its camera. Pure. */
import { type CameraCondition, cameraCondition } from '@/api/cameraCondition';
import type { Camera } from '@/api/schemas';
import type { Status } from '@/api/status';
import type { Connection } from '@/fleet/fleetStore';
import { believable, isVouchedFor } from '@/fleet/freshness';
import { texts } from '@/texts';
import { ago, age } from '@/texts/format';

const words = texts.health;

export type Mood = 'well' | 'waiting' | 'broken' | 'absent' | 'unknown';

export interface ConnectionHealth {
  readonly name: string;
  readonly state: string;
  readonly mood: Mood;
}

export function connectionsOf(connection: Connection['kind'], status: Status | null, camera: Camera | null, nowMs: number): readonly [ConnectionHealth, ConnectionHealth, ConnectionHealth] {
  const heard = connection === 'live' || connection === 'polling';
  return [
    pageWay(connection),
    heard && status !== null ? printerWay(status, nowMs) : unknown(words.printer),
    heard && camera !== null ? cameraWay(camera) : unknown(words.camera),
  ];
}

/** After this long without a report, the service has to confirm that the printer is still connected. */
const patientMs = 30_000;

/** What lies behind a way that is cut off. */
const unknown = (name: string): ConnectionHealth => ({ name, state: words.unknown, mood: 'unknown' });

const pageMoods: Readonly<Record<Connection['kind'], Mood>> = { opening: 'waiting', live: 'well', polling: 'well', lost: 'broken', signedOut: 'broken' };

const pageWay = (kind: Connection['kind']): ConnectionHealth => ({ name: words.page, state: words.pageStates[kind], mood: pageMoods[kind] });

function printerWay(status: Status, nowMs: number): ConnectionHealth {
  const { link, lastUpdate, connected } = status;
  const name = words.printer;
  const { step } = link;
  if (connected && lastUpdate !== null) {
    const ageMs = Math.max(0, nowMs - lastUpdate);
    if (step === 'quiet') {
      return { name, state: words.quiet(age(ageMs)), mood: 'well' };
    }
    // A printer that has nothing to do may report once a minute: the service asks it before it calls it silent.
    const isHeard = ageMs < patientMs || (isVouchedFor(status) && believable(status, nowMs).kind !== 'no-data');
    return isHeard ? { name, state: ago(ageMs), mood: 'well' } : { name, state: words.silent(age(ageMs)), mood: 'broken' };
  }
  const failed = step === 'retrying' || step === 'refused' || step === 'silent';
  return { name, state: step === null ? words.unknown : words.linkSteps[step], mood: failed ? 'broken' : 'waiting' };
}

const cameraWays: Readonly<Record<CameraCondition, Pick<ConnectionHealth, 'state' | 'mood'>>> = {
  live: { state: words.cameraLive, mood: 'well' },
  starting: { state: words.cameraAway, mood: 'waiting' },
  failing: { state: words.cameraAway, mood: 'broken' },
  off: { state: words.cameraOff, mood: 'absent' },
  none: { state: words.cameraNone, mood: 'absent' },
  updating: { state: words.cameraUpdating, mood: 'waiting' },
};

function cameraWay(camera: Camera): ConnectionHealth {
  const condition = cameraCondition(camera);
  const isOfPictures = condition === 'live' && camera.kind === 'pictures';
  return { name: words.camera, ...cameraWays[condition], ...(isOfPictures ? { state: words.cameraPictures } : {}) };
}
