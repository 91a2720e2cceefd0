import { useField } from '@/fleet/fleetStore';
import { texts } from '@/texts';
import styles from './TileFilament.module.css';
import { slotContent, slotName } from './words';

/** Two rows of spools. More would make the tile grow. */
const most = 16;

/** The spools in the units, as small as they can be told apart; the rest is on the printer's page. */
export function TileFilament({ id }: { readonly id: number }) {
  const units = useField(id, 'ams') ?? [];
  const spools = units.flatMap((unit) => unit.slots.map((slot) => ({ unit, slot })));
  const feeding = spools.slice(most).find(({ slot }) => slot.feeding);
  const shown = feeding === undefined ? spools.slice(0, most) : [...spools.slice(0, most - 1), feeding];
  return spools.length === 0 ? null : (
    <ul className={styles.spools} aria-label={texts.status.filament}>
      {shown.map(({ unit, slot }) => (
        <li key={`${unit.id}-${slot.id}`} className={styles.spool} data-feeding={slot.feeding} title={slotContent(slot)}>
          <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" focusable="false">
            <circle cx="6" cy="6" r="5" fill={slot.content === 'known' ? (slot.color ?? 'none') : 'none'} strokeDasharray={slot.content === 'known' ? undefined : '2 2'} />
          </svg>
          {slotName(unit, slot)}
          <bdi className="spoken"> {slotContent(slot)}</bdi>
        </li>
      ))}
      {spools.length > shown.length ? <li className={styles.spool}>{texts.status.moreSpools(spools.length - shown.length)}</li> : null}
    </ul>
  );
}
