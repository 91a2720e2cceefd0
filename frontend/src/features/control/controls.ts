/** Which controls make sense now, and why the others do not. Pure. */
import type { Status } from '@/api/status';
import type { Connection } from '@/fleet/fleetStore';
import { freshnessOf, isVouchedFor } from '@/fleet/freshness';
import { texts } from '@/texts';
import { age } from '@/texts/format';

const words = texts.control;

export interface Controls {
  /** One button, because a paused print can only be resumed. */
  readonly turn: 'pause' | 'resume';
  /** There is a print, going on or waiting. */
  readonly hasJob: boolean;
  readonly canTurn: boolean;
  readonly canStop: boolean;
  /** `null` where there is no light, or none that tells. */
  readonly light: boolean | null;
  readonly canLight: boolean;
  /** Why something is switched off, and what would help. */
  readonly reason: string | null;
}

type Known = Pick<Status, 'connected' | 'lastUpdate' | 'link' | 'job' | 'light' | 'commands'>;

export function controlsFor(status: Known, connection: Connection['kind'], nowMs: number): Controls {
  const { phase } = status.job;
  const hasJob = phase === 'preparing' || phase === 'running' || phase === 'paused';
  const unreachable = whyUnreachable(status, connection, nowMs);
  const reason = unreachable ?? (hasJob ? whyGuarded(status) : words.noJob);
  return {
    turn: phase === 'paused' ? 'resume' : 'pause',
    hasJob,
    canTurn: reason === null,
    canStop: reason === null,
    light: status.light === 'on' ? true : status.light === 'off' ? false : null,
    canLight: unreachable === null,
    reason,
  };
}

function whyUnreachable(status: Known, connection: Connection['kind'], nowMs: number): string | null {
  const { connected, lastUpdate } = status;
  if (connection === 'lost' || connection === 'signedOut') {
    return words.noService;
  }
  if (!connected || lastUpdate === null) {
    return words.offline;
  }
  // While the session stands it can be tried: the service asks for a sign of life before it sends anything.
  return freshnessOf(status, nowMs) === 'old' && !isVouchedFor(status) ? words.silent(age(nowMs - lastUpdate)) : null;
}

/** Without Developer Mode a printer takes the light only. */
const whyGuarded = ({ commands }: Known): string | null => (commands.taken === 'no' ? (commands.sentence ?? words.guarded) : null);

/** The job a person means. A printer that numbers none at least names it. */
export interface StopTarget {
  readonly id: string | null;
  readonly name: string | null;
}

/** Why the question about stopping `meant` no longer applies; `null` while it does. */
export function whyNotStop(meant: StopTarget, status: Known, controls: Controls): string | null {
  const { id, name, phase } = status.job;
  if (phase !== 'preparing' && phase !== 'running' && phase !== 'paused') {
    return words.ended;
  }
  const other = meant.id === null || id === null ? meant.name !== name : meant.id !== id;
  return other ? words.otherJob : controls.reason;
}
