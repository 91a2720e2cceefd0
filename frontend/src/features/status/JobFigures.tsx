import type { Status } from '@/api/status';
import { useAtTime } from '@/fleet/freshness';
import { texts } from '@/texts';
import { coming, duration } from '@/texts/format';
import { Progress } from '@/ui/Progress';
import { Aged, type Aging } from './Aged';
import styles from './JobFigures.module.css';
import { estimateOf } from './estimate';

const words = texts.status;

/** A print: what it is, how far, and when it will be done. What is only reckoned is drawn lighter. */
export function JobFigures({ status, aging }: { readonly status: Status; readonly aging: Aging }) {
  const { job } = status;
  // Each plain, so that nothing is drawn anew before it reads differently.
  const isReckoned = useAtTime((now) => estimateOf(status, now).isReckoned);
  const percent = useAtTime((now) => estimateOf(status, now).percent);
  const left = useAtTime((now) => leftIn(status, now));
  const finish = useAtTime((now) => {
    const { finishMs } = estimateOf(status, now);
    return finishMs === null || left === words.overdue ? null : coming(finishMs, now);
  });
  const elapsed = useAtTime((now) => (job.startTime === null ? null : words.elapsed(duration((now - job.startTime) / 60_000))));
  const more = [
    ...(job.layer === null ? [] : [words.layer(job.layer, job.totalLayers)]),
    ...(status.speed === null ? [] : [words.speeds[status.speed]]),
    ...(elapsed === null || aging.level === 'old' ? [] : [elapsed]),
  ];
  return (
    <div className={styles.job} data-reckoned={isReckoned} title={isReckoned ? words.reckonedHint : undefined}>
      <h2 className={styles.name}>
        <bdi>{job.name ?? words.untitled}</bdi>
      </h2>
      <div className={styles.figures}>
        {percent === null ? null : <p className={styles.percent}>{isReckoned ? words.reckoned(words.percent(percent)) : words.percent(percent)}</p>}
        <p className={styles.times}>
          {left === null ? null : <span className={styles.left}>{left}</span>}
          {finish === null ? null : <span>{words.doneAt(finish)}</span>}
        </p>
      </div>
      {percent === null ? null : <Progress label={words.progress} percent={percent} />}
      {more.length === 0 ? null : (
        <p className={styles.more}>
          <Aged aging={aging}>
            {more.map((each) => (
              <span key={each} className={styles.part}>
                {each}
              </span>
            ))}
          </Aged>
        </p>
      )}
      {isReckoned ? <p className="spoken">{words.reckonedHint}</p> : null}
    </div>
  );
}

function leftIn(status: Status, nowMs: number): string | null {
  const { leftMinutes, isReckoned } = estimateOf(status, nowMs);
  if (leftMinutes === null) {
    return null;
  }
  return isReckoned && leftMinutes === 0 ? words.overdue : words.left(duration(leftMinutes));
}
