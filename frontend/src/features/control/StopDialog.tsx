import type { ReactNode } from 'react';
import type { Status } from '@/api/status';
import { useAtTime } from '@/state/freshness';
import { texts } from '@/texts/en';
import { duration } from '@/texts/format';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import styles from './StopDialog.module.css';

const words = texts.stop;

interface Props {
  readonly name: string;
  readonly picture: ReactNode;
  readonly status: Status;
  readonly onKeep: () => void;
  readonly onStop: () => void;
}

/** Asks before a print is lost, with what one needs to be sure that it is the right one. It goes on while it asks. */
export function StopDialog({ name, picture, status, onKeep, onStop }: Props) {
  const { job, percent, remainingMinutes } = status;
  const elapsed = useAtTime((now) => (job.startTime === null ? null : duration((now - job.startTime) / 60_000)));
  const figures = [
    ...(elapsed === null ? [] : [words.elapsed(elapsed)]),
    ...(percent === null ? [] : [texts.status.percent(percent)]),
    ...(remainingMinutes === null || remainingMinutes === 0 ? [] : [texts.status.left(duration(remainingMinutes))]),
  ];
  return (
    <ConfirmDialog title={words.title(name)} keep={words.keep} confirm={words.confirm} busy={false} onKeep={onKeep} onConfirm={onStop}>
      <div className={styles.job}>
        {picture}
        <div className={styles.text}>
          <p className={styles.name}>{job.name ?? texts.status.untitled}</p>
          <p className={styles.figures}>{figures.join(' · ')}</p>
        </div>
      </div>
      <p>{words.text}</p>
    </ConfirmDialog>
  );
}
