import type { Ams, Nozzle, Slot } from '@/api/status';
import { useField, useStatus } from '@/fleet/fleetStore';
import { texts } from '@/texts';
import { Card } from '@/ui/Card';
import { useAging } from './Aged';
import styles from './Filament.module.css';
import { slotContent, slotName, unitFacts, unitName } from './words';

const words = texts.status;

const none: readonly never[] = [];

/** The spools: what is in each slot, as far as it is known, and which one feeds. Without an AMS there is nothing, once that is known. */
export function Filament({ id }: { readonly id: number }) {
  const units = useField(id, 'ams') ?? none;
  const nozzles = useField(id, 'nozzles') ?? none;
  const external = useField(id, 'externalSpools') ?? none;
  const old = useOld(id);
  const outside = external.filter(({ content, feeding }) => content !== 'empty' || feeding);
  const [only, ...others] = units;
  const isNotTold = useNotTold(id) && only === undefined;
  if (only === undefined && outside.length === 0 && !isNotTold) {
    return null;
  }
  // The only unit needs no name, and what is measured in it stands in the title's line.
  const single = others.length === 0 && only !== undefined ? only : null;
  const facts = [...(single === null ? none : unitFacts(single, nozzles)), ...(old === null ? none : [old])];
  return (
    <Card title={words.filament} aside={<span>{facts.join(' · ')}</span>}>
      {isNotTold ? <p className={styles.notTold}>{words.amsNotTold}</p> : null}
      {units.map((unit) => (
        <div key={unit.id} className={styles.unit}>
          {single === null ? <UnitHead unit={unit} nozzles={nozzles} /> : null}
          <Slots slots={unit.slots} nameOf={(slot) => slotName(unit, slot)} />
        </div>
      ))}
      {outside.length === 0 ? null : (
        <div className={styles.unit}>
          <Slots slots={outside} nameOf={({ id: place }) => externalName(place, outside.length)} />
        </div>
      )}
    </Card>
  );
}

/** The printer has been heard, and not all of it. */
function useNotTold(id: number): boolean {
  const isIncomplete = useField(id, 'incomplete');
  const lastUpdate = useField(id, 'lastUpdate');
  return isIncomplete === true && lastUpdate !== null;
}

/** `48 s ago`, once all this is of the past. */
function useOld(id: number): string | null {
  const status = useStatus(id);
  return useAging(status ?? { connected: false, lastUpdate: null }, false).ago;
}

function UnitHead({ unit, nozzles }: { readonly unit: Ams; readonly nozzles: readonly Nozzle[] }) {
  return (
    <p className={styles.head}>
      <span className={styles.name}>{unitName(unit)}</span>
      <span>{unitFacts(unit, nozzles).join(' · ')}</span>
    </p>
  );
}

/** Machines with two nozzles have two holders, which the printer counts from 254: the left one. */
const externalName = (id: number, count: number): string =>
  count < 2 ? words.external : id === 254 ? words.externalLeft : words.externalRight;

function Slots({ slots, nameOf }: { readonly slots: readonly Slot[]; readonly nameOf: (slot: Slot) => string }) {
  return (
    <ul className={styles.slots}>
      {slots.map((slot) => (
        <SlotView key={slot.id} label={nameOf(slot)} slot={slot} />
      ))}
    </ul>
  );
}

function SlotView({ label, slot }: { readonly label: string; readonly slot: Slot }) {
  const { content, color, feeding, name, remainingPercent } = slot;
  return (
    <li className={styles.slot} data-feeding={feeding} data-content={content} title={name ?? undefined}>
      <svg viewBox="0 0 24 24" width="28" height="28" aria-hidden="true" focusable="false">
        {content === 'empty' ? null : <circle cx="12" cy="12" r="7.5" fill="none" strokeWidth="6" stroke={color ?? 'transparent'} />}
        <circle cx="12" cy="12" r="10.7" className={styles.spool} strokeDasharray={content === 'known' ? undefined : '3 3'} />
        {content === 'unknown' ? <path d="M9.6 9.8a2.4 2.4 0 1 1 3.4 2.2c-.7.3-1 .7-1 1.4M12 16v.1" className={styles.question} /> : null}
        {content === 'known' ? <circle cx="12" cy="12" r="4" className={styles.spool} /> : null}
      </svg>
      <span className={styles.label}>{label}</span>
      <span className={styles.content}>
        <bdi>{slotContent(slot)}</bdi>
      </span>
      {remainingPercent === null ? null : (
        <span className={styles.rest}>
          {words.percent(remainingPercent)}
          <span className="spoken"> {words.remaining}</span>
        </span>
      )}
      {feeding ? <span className={styles.feeding}>{words.feeding}</span> : null}
    </li>
  );
}
