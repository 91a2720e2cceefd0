/** Interprets a job's figures. Pure. */
import type { Status } from '@/api/status';

/** Whether there is a print, running or waiting, so that its progress and end are meaningful. */
export const hasJob = ({ job: { phase } }: Pick<Status, 'job'>): boolean =>
  phase === 'preparing' || phase === 'running' || phase === 'paused';

/** Returns when the print will end: the service's estimate, or else the printer's remaining minutes. It is unknown during a pause. */
export function finishMs({ job, remainingMinutes, lastUpdate }: Pick<Status, 'job' | 'remainingMinutes' | 'lastUpdate'>): number | null {
  if (job.phase === 'paused' || remainingMinutes === null || remainingMinutes === 0) {
    return null;
  }
  return job.finishTime ?? (lastUpdate === null ? null : lastUpdate + remainingMinutes * 60_000);
}
