import type { Status } from '@/api/status';
import { texts } from '@/texts/en';
import { count } from '@/texts/format';
import { Icon, type IconName } from '@/ui/Icon';
import styles from './Temperatures.module.css';

const words = texts.status;

interface Heat {
  readonly name: string;
  readonly icon: IconName;
  readonly now: number;
  readonly target: number | null;
}

type Shown = Pick<Status, 'nozzleC' | 'nozzleTargetC' | 'bedC' | 'bedTargetC' | 'chamberC' | 'chamberTargetC' | 'nozzles'>;

const one = (name: string, icon: IconName, now: number | null, target: number | null): readonly Heat[] =>
  now === null ? [] : [{ name, icon, now, target }];

/** What the printer measures: a model without a chamber sensor has two. */
function heats({ nozzleC, nozzleTargetC, bedC, bedTargetC, chamberC, chamberTargetC, nozzles }: Shown): readonly Heat[] {
  const several = nozzles.length > 1;
  return [
    ...(several
      ? nozzles.flatMap(({ place, nowC, targetC }) => one(place === null ? words.nozzle : words.nozzleAt(place), 'nozzle', nowC, targetC))
      : one(words.nozzle, 'nozzle', nozzleC, nozzleTargetC)),
    ...one(words.bed, 'bed', bedC, bedTargetC),
    ...one(words.chamber, 'chamber', chamberC, chamberTargetC),
  ];
}

const isHeating = ({ now, target }: Heat): boolean => target !== null && target > 0 && now < target - 3;

/** Each with its target. */
export function Temperatures({ status }: { readonly status: Shown }) {
  const all = heats(status);
  return all.length === 0 ? null : (
    <dl className={styles.cells} data-count={all.length} aria-label={words.temperatures}>
      {all.map((heat) => (
        <div key={heat.name} className={styles.cell} data-heating={isHeating(heat)}>
          <dt>
            <Icon name={heat.icon} size={16} />
            {heat.name}
          </dt>
          <dd>
            <span className={styles.now}>{words.degrees(count(heat.now))}</span>{' '}
            {heat.target === null || heat.target === 0 ? null : <span className={styles.target}>{words.target(count(heat.target))}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** In one line: nozzle, bed, chamber. */
export function TemperatureRow(shown: Omit<Shown, 'nozzles'>) {
  return (
    <span className={styles.row}>
      {heats({ ...shown, nozzles: [] }).map((heat) => (
        <span key={heat.name} className={styles.item} data-heating={isHeating(heat)} title={heat.name}>
          <Icon name={heat.icon} size={16} />
          <span className="spoken">{heat.name} </span>
          {words.degrees(count(heat.now))}
        </span>
      ))}
    </span>
  );
}
