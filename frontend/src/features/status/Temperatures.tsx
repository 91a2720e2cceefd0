import type { Status } from '@/api/status';
import { useStatus } from '@/fleet/fleetStore';
import { type TemperatureLog, mostValues } from '@/fleet/temperatureLog';
import { useTemperatureLog } from '@/fleet/useTemperatureLog';
import { texts } from '@/texts';
import { count } from '@/texts/format';
import { Card } from '@/ui/Card';
import { Icon } from '@/ui/Icon';
import { Sparkline } from '@/ui/Sparkline';
import { Aged, useAging } from './Aged';
import styles from './Temperatures.module.css';
import { type Heater, heatsOf, isHeating } from './heaters';
import { hasJob } from '@/fleet/job';

const words = texts.status;

/** A sparkline as high as this many degrees shows what matters and no noise. */
const leastC = 12;

/** Each heater with its target, and how it came there in the last half hour. */
export function Temperatures({ id }: { readonly id: number }) {
  const status = useStatus(id);
  return status === null ? null : <Known id={id} status={status} />;
}

function Known({ id, status }: { readonly id: number; readonly status: Status }) {
  const history = useTemperatureLog(id);
  const aging = useAging(status, hasJob(status));
  // All come in one report, so their age is said once.
  const ofEach = { ...aging, ago: null };
  const heats = heatsOf(status);
  return heats.length === 0 ? null : (
    <Card title={words.temperatures} aside={aging.ago === null ? null : <span>{aging.ago}</span>}>
      <dl className={styles.cells} data-count={heats.length}>
        {heats.map((heat) => (
          <div key={heat.name} className={styles.cell} data-heating={isHeating(heat)} data-active={heat.isActive}>
            <dt>
              <Icon name={heat.icon} size={16} />
              {heat.name}
            </dt>
            <dd className={styles.value}>
              <Aged aging={ofEach}>
                <span className={styles.now}>{words.degrees(count(heat.now))}</span>
              </Aged>{' '}
              {heat.target === null || aging.level === 'old' ? null : <span className={styles.target}>{words.target(count(heat.target))}</span>}
              {heat.isActive ? <span className={styles.active}>{words.activeNozzle}</span> : null}
            </dd>
            {heat.fitted === null || heats.length < 4 ? null : <dd className={styles.fitted}>{heat.fitted}</dd>}
            <LastHalfHour heat={heat} history={history} />
          </div>
        ))}
      </dl>
    </Card>
  );
}

function LastHalfHour({ heat, history }: { readonly heat: Heater; readonly history: TemperatureLog }) {
  if (heat.sensor === null) {
    return null;
  }
  const values = history[heat.sensor];
  const known = values.filter((value) => value !== null);
  return known.length < 2 ? null : (
    <dd className={styles.spark}>
      <Sparkline
        label={words.halfHour(count(Math.min(...known)), count(Math.max(...known)))}
        values={values}
        room={mostValues}
        target={heat.target}
        least={leastC}
      />
    </dd>
  );
}
