import type { Status } from '@/api/status';
import { awaySentence, isAway } from '@/fleet/away';
import { believable, freshnessOf, isVouchedFor, useAtTime } from '@/fleet/freshness';
import { useStatus } from '@/fleet/fleetStore';
import { hasJob } from '@/fleet/job';
import { texts } from '@/texts';
import { ago } from '@/texts/format';
import surface from '@/ui/Surface.module.css';
import { useAging } from './Aged';
import { JobFigures } from './JobFigures';
import { Problems, urgent } from './Problems';
import { StateBadge } from './StateBadge';
import styles from './StatusPanel.module.css';
import tone from './tone.module.css';

const words = texts.status;

/** What a printer does: first what it needs, then its print, then what else it complains of. */
export function StatusPanel({ id }: { readonly id: number }) {
  const status = useStatus(id);
  return status === null ? null : <Panel status={status} />;
}

function Panel({ status }: { readonly status: Status }) {
  const kind = useAtTime((now) => believable(status, now).kind);
  const away = useAtTime((now) => awaySentence(believable(status, now), status.lastUpdate, now));
  const aging = useAging(status, hasJob(status));
  const { note } = status.display;
  const needing = urgent(status);
  const notes = status.problems.filter(({ role }) => role === 'note');
  const isPast = isAway({ kind });
  return (
    <div className={`${styles.panel} ${tone.tone}`} data-kind={kind}>
      {isPast ? null : <Problems problems={needing} look="urgent" ago={aging.ago} />}
      <section className={`${surface.surface} ${styles.card}`} aria-label={words.kinds[kind]}>
        <div className={styles.head}>
          <StateBadge shown={status} size="large" />
          <Age status={status} />
        </div>
        {away === null ? null : <p className={styles.away}>{away}</p>}
        {saysMore(status, kind) ? <p className={styles.sentence}>{away === null ? status.display.sentence : status.link.sentence}</p> : null}
        {/* The worst of the notes below. */}
        {note === null || isPast || notes.length > 0 ? null : <p className={styles.sentence}>{note}</p>}
        {hasJob(status) ? <JobFigures status={status} aging={aging} /> : <LastJob status={status} />}
      </section>
      {isPast ? <Problems problems={needing} look="past" ago={aging.ago} /> : null}
      <Problems problems={notes} look="note" ago={aging.ago} />
    </div>
  );
}

/** The sentence is worth its line unless it says again what the word or a problem says. */
function saysMore({ display: { kind, code, sentence } }: Status, shown: string): boolean {
  return sentence !== '' && shown === kind && kind !== 'idle' && kind !== 'paused' && kind !== 'needs-you' && code !== 'printer.printing';
}

/** A print that is over, until another one begins. */
function LastJob({ status: { job } }: { readonly status: Status }) {
  return job.name === null || (job.phase !== 'finished' && job.phase !== 'failed') ? null : (
    <h2 className={styles.job}>
      <bdi>{job.name}</bdi>
    </h2>
  );
}

/** The age of the status. Without it, old values look new. It is an alarm only if the service does not report the silence itself. */
function Age({ status }: { readonly status: Status }) {
  const { lastUpdate } = status;
  const freshness = useAtTime((now) => freshnessOf(status, now));
  const said = useAtTime((now) => {
    if (lastUpdate === null) {
      return words.neverHeard;
    }
    const when = ago(Math.max(0, now - lastUpdate));
    return freshness === 'fresh' ? words.updated(when) : words.lastHeard(when);
  });
  return (
    <span className={styles.age} data-freshness={freshness} data-calm={isVouchedFor(status)}>
      {said}
    </span>
  );
}
