/** How far a print is: as the printer told, or reckoned on by the clock where it has fallen silent. Pure. */
import type { Status } from '@/api/status';
import { freshnessOf } from '@/fleet/freshness';
import { finishMs, hasJob } from '@/fleet/job';

export interface Estimate {
  readonly percent: number | null;
  readonly leftMinutes: number | null;
  readonly finishMs: number | null;
  /** The value is an estimate: the printer is silent, and its print has probably gone on. */
  readonly isReckoned: boolean;
}

type Known = Pick<Status, 'connected' | 'lastUpdate' | 'job' | 'percent' | 'remainingMinutes'>;

/** Only the printer says that a print is done. */
const almost = 99;

export function estimateOf(status: Known, nowMs: number): Estimate {
  const { percent, remainingMinutes, lastUpdate } = status;
  const leftMinutes = hasJob(status) && remainingMinutes !== null && remainingMinutes > 0 ? remainingMinutes : null;
  const finish = hasJob(status) ? finishMs(status) : null;
  if (finish === null || leftMinutes === null || lastUpdate === null || freshnessOf(status, nowMs) !== 'old') {
    return { percent, leftMinutes, finishMs: finish, isReckoned: false };
  }
  const share = Math.min(1, (nowMs - lastUpdate) / (leftMinutes * 60_000));
  return {
    percent: percent === null ? null : Math.max(percent, Math.min(almost, Math.floor(percent + (100 - percent) * share))),
    leftMinutes: leftMinutes * (1 - share),
    finishMs: finish,
    isReckoned: true,
  };
}
