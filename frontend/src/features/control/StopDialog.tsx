import type { ReactNode } from 'react';
import type { Status } from '@/api/status';
import { useAtTime } from '@/fleet/freshness';
import { texts } from '@/texts';
import { duration } from '@/texts/format';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import styles from './StopDialog.module.css';
import type { StopQuestion } from './useStop';

const words = texts.stop;

interface Props {
  readonly name: string;
  readonly picture: ReactNode;
  readonly status: Status;
  readonly question: StopQuestion;
}

/**
 * Asks before a print is lost, with what one needs to be sure that it is the right one; it goes on while it asks. Pressed,
 * it waits for the printer's answer, and stays where that is not a yes.
 */
export function StopDialog({ name, picture, status, question: { phase, sentence, onKeep, onStop } }: Props) {
  const { job, percent, remainingMinutes } = status;
  const elapsed = useAtTime((now) => (job.startTime === null ? null : duration((now - job.startTime) / 60_000)));
  const left = remainingMinutes === null || remainingMinutes === 0 ? null : texts.status.left(duration(remainingMinutes));
  const isOver = phase === 'over';
  return (
    <ConfirmDialog
      title={words.title(name)}
      keep={phase === 'asked' ? words.keep : texts.app.close}
      confirm={isOver ? null : words.confirm}
      busy={phase === 'sent'}
      onKeep={onKeep}
      onConfirm={onStop}
    >
      <div className={styles.job}>
        {picture}
        <div className={styles.text}>
          <p className={styles.name}>
            <bdi>{job.name ?? texts.status.untitled}</bdi>
          </p>
          <p className={styles.figures}>
            {elapsed === null ? null : <span>{words.elapsed(elapsed)}</span>}
            {percent === null ? null : <span>{texts.status.percent(percent)}</span>}
          </p>
          {left === null ? null : <p className={styles.figures}>{left}</p>}
        </div>
      </div>
      {phase === 'asked' ? <p>{words.text}</p> : null}
      <output className={styles.said} data-phase={phase}>
        {sentence}
      </output>
    </ConfirmDialog>
  );
}
