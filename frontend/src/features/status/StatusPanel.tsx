import type { Status } from '@/api/status';
import { type Heard, believable, freshnessOf, useAtTime } from '@/state/freshness';
import { useStatus } from '@/state/fleetStore';
import { texts } from '@/texts/en';
import { ago } from '@/texts/format';
import { Progress } from '@/ui/Progress';
import { Problems } from './Problems';
import { StateBadge } from './StateBadge';
import styles from './StatusPanel.module.css';
import { Temperatures } from './Temperatures';
import tone from './tone.module.css';
import { hasJob, timeLeft } from './words';

const words = texts.status;

/** What a printer does, in full. */
export function StatusPanel({ id, name }: { readonly id: number; readonly name: string }) {
  const status = useStatus(id);
  return status === null ? null : <Panel status={status} name={name} />;
}

function Panel({ status, name }: { readonly status: Status; readonly name: string }) {
  const kind = useAtTime((now) => believable(status.display, status.lastUpdate, now).kind);
  const freshness = useAtTime((now) => freshnessOf(status, now));
  const { sentence } = status.display;
  const problems = <Problems problems={status.problems} />;
  const first = kind === 'needs-you';
  return (
    <div className={`${styles.panel} ${tone.tone}`} data-kind={kind}>
      <p className="spoken" aria-live="polite">
        {words.announce(name, words.kinds[kind], sentence)}
      </p>
      {first ? problems : null}
      <section className={styles.card}>
        <div className={styles.head}>
          <StateBadge shown={status} size="large" />
          <Age heard={status} />
        </div>
        {saysMore(status, kind) ? <p className={styles.sentence}>{sentence}</p> : null}
        <div className={styles.values} data-freshness={freshness}>
          {hasJob(status) ? <Job status={status} /> : null}
          <Temperatures status={status} />
        </div>
      </section>
      {first ? null : problems}
    </div>
  );
}

/** The sentence is worth its line unless it says again what the word or the first problem says. */
function saysMore({ display: { kind, sentence }, problems }: Status, shown: string): boolean {
  if (sentence === '' || shown !== kind || kind === 'idle' || kind === 'paused' || sentence === `${words.kinds[kind]}.`) {
    return false;
  }
  return kind !== 'needs-you' || problems.every((problem) => problem.sentence !== sentence);
}

function Job({ status }: { readonly status: Status }) {
  const { job, percent } = status;
  const times = useAtTime((now) => timeLeft(status, now).join('\n'));
  const [left, finish] = times.split('\n');
  const layer = job.layer === null ? null : words.layer(job.layer, job.totalLayers);
  return (
    <>
      <h2 className={styles.job}>{job.name ?? words.untitled}</h2>
      <div className={styles.figures}>
        <p className={styles.percent}>{percent === null ? '–' : words.percent(percent)}</p>
        <p className={styles.times}>
          <span>{left}</span>
          {finish === undefined ? null : <span>{words.doneAt(finish)}</span>}
        </p>
      </div>
      {percent === null ? null : <Progress label={words.progress} percent={percent} />}
      {layer === null ? null : <p className={styles.age}>{layer}</p>}
    </>
  );
}

/** How old all this is. Silence would be taken for news. */
function Age({ heard }: { readonly heard: Heard }) {
  const { lastUpdate } = heard;
  const freshness = useAtTime((now) => freshnessOf(heard, now));
  const said = useAtTime((now) => {
    if (lastUpdate === null) {
      return words.neverHeard;
    }
    const when = ago(Math.max(0, now - lastUpdate));
    return freshness === 'fresh' ? words.updated(when) : words.lastHeard(when);
  });
  return (
    <span className={styles.age} data-freshness={freshness}>
      {said}
    </span>
  );
}
