import type { Ams, Slot } from '@/api/status';
import { useField } from '@/state/fleetStore';
import { texts } from '@/texts/en';
import styles from './Filament.module.css';
import { slotContent, slotName } from './words';

const words = texts.status;

const none: readonly never[] = [];

/** The spools: what is in each slot, as far as it is known, and which one feeds. Without an AMS there is nothing. */
export function Filament({ id }: { readonly id: number }) {
  const units = useField(id, 'ams') ?? none;
  const external = useField(id, 'externalSpools') ?? none;
  const outside = external.filter(({ content, feeding }) => content !== 'empty' || feeding);
  if (units.length === 0 && outside.length === 0) {
    return null;
  }
  return (
    <section className={styles.card}>
      <h2 className={styles.title}>
        {words.filament}
        <Humidity units={units} />
      </h2>
      {units.map((unit) => (
        <ul key={unit.id} className={`${styles.unit} ${styles.slots}`}>
          {unit.slots.map((slot) => (
            <SlotView key={slot.id} label={slotName(unit, slot)} slot={slot} />
          ))}
        </ul>
      ))}
      {outside.length === 0 ? null : (
        <ul className={`${styles.unit} ${styles.slots}`}>
          {outside.map((slot) => (
            <SlotView key={slot.id} label={words.external} slot={slot} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** Of the only unit; of several, each would need a name that most people do not give them. */
function Humidity({ units }: { readonly units: readonly Ams[] }) {
  const [only, ...others] = units;
  const percent = others.length === 0 ? (only?.humidityPercent ?? null) : null;
  return percent === null ? null : <span className={styles.humidity}>{words.humidity(percent)}</span>;
}

function SlotView({ label, slot }: { readonly label: string; readonly slot: Slot }) {
  return (
    <li className={styles.slot} data-feeding={slot.feeding} title={slot.name ?? undefined}>
      <svg viewBox="0 0 24 24" width="26" height="26" aria-hidden="true" focusable="false">
        {slot.content === 'empty' ? null : <circle cx="12" cy="12" r="7.5" fill="none" strokeWidth="6" stroke={slot.color ?? 'transparent'} />}
        <circle cx="12" cy="12" r="10.7" className={styles.spool} strokeDasharray={slot.content === 'known' ? undefined : '3 3'} />
        <circle cx="12" cy="12" r="4" className={styles.spool} />
      </svg>
      <span className={styles.label}>
        {label}
        {slot.feeding ? <span className="spoken"> {words.feeding}</span> : null}
      </span>
      <span className={styles.content}>{slotContent(slot)}</span>
    </li>
  );
}
