import type { Status } from '@/api/status';
import { awaySentence, isAway, leftBehind } from '@/fleet/away';
import { type Heard, believable, freshnessOf, useAtTime } from '@/fleet/freshness';
import { useField } from '@/fleet/fleetStore';
import { hasJob } from '@/fleet/job';
import { texts } from '@/texts';
import { ago } from '@/texts/format';
import { Progress } from '@/ui/Progress';
import { StateBadge } from './StateBadge';
import { TemperatureRow } from './TemperatureRow';
import { TileFilament } from './TileFilament';
import styles from './TileStatus.module.css';
import tone from './tone.module.css';
import { timeLeft } from './words';

interface Of {
  readonly id: number;
}

/** The state in a tile's headline. */
export function TileBadge({ id }: Of) {
  const display = useField(id, 'display');
  const percent = useField(id, 'percent');
  const lastUpdate = useField(id, 'lastUpdate');
  const link = useField(id, 'link');
  return display === null || link === null ? null : <StateBadge shown={{ display, percent, lastUpdate, link }} size="small" />;
}

interface Props extends Of {
  /** Small, medium, large, or a line of the list. */
  readonly look: 's' | 'm' | 'l' | 'row';
}

const isOver = (kind: string): boolean => kind === 'finished' || kind === 'stopped' || kind === 'failed';

/** What a tile says below its headline: the print, or what is wrong; how far it is; when it will be done; how warm it is. */
export function TileStatus({ id, look }: Props) {
  const display = useField(id, 'display');
  const job = useField(id, 'job');
  const lastUpdate = useField(id, 'lastUpdate');
  const connected = useField(id, 'connected') ?? false;
  const freshness = useAtTime((now) => freshnessOf({ connected, lastUpdate }, now));
  const link = useField(id, 'link');
  const nozzleTargetC = useField(id, 'nozzleTargetC');
  const shown = (now: number) => (display === null || link === null ? null : believable({ display, lastUpdate, link }, now));
  const kind = useAtTime((now) => shown(now)?.kind ?? null);
  const away = useAtTime((now) => {
    const is = shown(now);
    return is === null ? null : awaySentence(is, lastUpdate, now);
  });
  if (display === null || job === null || kind === null) {
    return <div className={styles.status} data-look={look} />;
  }
  const loud = kind === 'needs-you' || isAway({ kind });
  const isNeeded = kind === 'needs-you' || (kind === 'offline' && leftBehind(display) === 'needed');
  // The sentence about a finished print adds nothing, unless the nozzle is still heated.
  const isStillHot = isOver(kind) && (nozzleTargetC ?? 0) > 0;
  // The service's sentence belongs to the state that it reported.
  const said = away ?? ((loud || kind === 'preparing' || isStillHot) && kind === display.kind ? display.sentence : null);
  const line = said ?? (hasJob({ job }) ? (job.name ?? texts.status.untitled) : job.name);
  return (
    <div className={`${styles.status} ${tone.tone}`} data-look={look} data-kind={kind} data-needed={isNeeded} data-freshness={freshness}>
      {line === null || kind === 'idle' ? null : (
        <p className={styles.line} data-loud={loud}>
          <bdi>{line}</bdi>
        </p>
      )}
      {kind === 'needs-you' && (look === 'm' || look === 'l') ? <TileAdvice id={id} /> : null}
      {hasJob({ job }) ? <TileProgress id={id} /> : null}
      <Figures id={id} job={job} connected={connected} lastUpdate={lastUpdate} look={look} />
    </div>
  );
}

/** What to do about what the printer waits for, where there is room. */
function TileAdvice({ id }: Of) {
  const advice = useField(id, 'problems')?.find(({ role }) => role === 'needs-you')?.whatToDo ?? null;
  return advice === null ? null : <p className={styles.advice}>{advice}</p>;
}

function TileProgress({ id }: Of) {
  const percent = useField(id, 'percent');
  return percent === null ? null : <Progress label={texts.status.progress} percent={percent} />;
}

function Figures({ id, job, connected, lastUpdate, look }: Props & Heard & Pick<Status, 'job'>) {
  const remainingMinutes = useField(id, 'remainingMinutes');
  const left = useAtTime((now) =>
    lastUpdate !== null && freshnessOf({ connected, lastUpdate }, now) === 'old'
      ? texts.status.lastHeard(ago(Math.max(0, now - lastUpdate)))
      : timeLeft({ job, remainingMinutes, connected, lastUpdate }, now).join(' · '),
  );
  const layer = look === 'l' && hasJob({ job }) && job.layer !== null ? texts.status.layer(job.layer, job.totalLayers) : null;
  return (
    <div className={styles.figures}>
      {left === '' ? null : <span className={styles.left}>{left}</span>}
      {layer === null ? null : <span className={styles.layer}>{layer}</span>}
      {look === 's' ? null : (
        <span className={styles.warmth}>
          <TileTemperatures id={id} />
        </span>
      )}
      {look === 'l' ? <TileFilament id={id} /> : null}
    </div>
  );
}

function TileTemperatures({ id }: Of) {
  const nozzleC = useField(id, 'nozzleC');
  const nozzleTargetC = useField(id, 'nozzleTargetC');
  const bedC = useField(id, 'bedC');
  const bedTargetC = useField(id, 'bedTargetC');
  const chamberC = useField(id, 'chamberC');
  const chamberTargetC = useField(id, 'chamberTargetC');
  return <TemperatureRow {...{ nozzleC, nozzleTargetC, bedC, bedTargetC, chamberC, chamberTargetC }} />;
}
