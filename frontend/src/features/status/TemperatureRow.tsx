import { texts } from '@/texts';
import { count } from '@/texts/format';
import { Icon } from '@/ui/Icon';
import styles from './TemperatureRow.module.css';
import { type Measured, heatsOf, isHeating } from './heaters';

/** In one line: nozzle, bed, chamber. */
export function TemperatureRow(measured: Omit<Measured, 'nozzles'>) {
  return (
    <span className={styles.row}>
      {heatsOf({ ...measured, nozzles: [] }).map((heat) => (
        <span key={heat.name} className={styles.item} data-heating={isHeating(heat)} title={heat.name}>
          <Icon name={heat.icon} size={16} />
          <span className="spoken">{heat.name} </span>
          {texts.status.degrees(count(heat.now))}
        </span>
      ))}
    </span>
  );
}
