import { useField } from '@/state/fleetStore';
import { texts } from '@/texts/en';
import styles from './TileFilament.module.css';
import { slotContent, slotName } from './words';

/** The spools in the units, as small as they can be told apart; the rest is on the printer's page. */
export function TileFilament({ id }: { readonly id: number }) {
  const units = useField(id, 'ams') ?? [];
  return units.length === 0 ? null : (
    <ul className={styles.spools} aria-label={texts.status.filament}>
      {units.flatMap((unit) =>
        unit.slots.map((slot) => (
          <li key={`${unit.id}-${slot.id}`} className={styles.spool} data-feeding={slot.feeding} title={slotContent(slot)}>
            <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" focusable="false">
              <circle cx="6" cy="6" r="5" fill={slot.content === 'known' ? (slot.color ?? 'none') : 'none'} strokeDasharray={slot.content === 'known' ? undefined : '2 2'} />
            </svg>
            {slotName(unit, slot)}
            <span className="spoken"> {slotContent(slot)}</span>
          </li>
        )),
      )}
    </ul>
  );
}
