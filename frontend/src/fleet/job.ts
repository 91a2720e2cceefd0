/** What a job's figures mean. Pure. */
import type { Status } from '@/api/status';

/** There is a print, going on or waiting: its progress and end mean something. */
export const hasJob = ({ job: { phase } }: Pick<Status, 'job'>): boolean =>
  phase === 'preparing' || phase === 'running' || phase === 'paused';

/** When the print will be done: as the service reckons, or else by the printer's minutes. Nobody knows while it is paused. */
export function finishMs({ job, remainingMinutes, lastUpdate }: Pick<Status, 'job' | 'remainingMinutes' | 'lastUpdate'>): number | null {
  if (job.phase === 'paused' || remainingMinutes === null || remainingMinutes === 0) {
    return null;
  }
  return job.finishTime ?? (lastUpdate === null ? null : lastUpdate + remainingMinutes * 60_000);
}
