/** What a printer measures, as a person tells the heaters apart. Pure. */
import type { Status } from '@/api/status';
import type { Sensor } from '@/fleet/temperatureLog';
import { texts } from '@/texts';
import { measure } from '@/texts/format';
import type { IconName } from '@/ui/Icon';

const words = texts.status;

export interface Heater {
  readonly name: string;
  readonly icon: IconName;
  readonly now: number;
  /** `null` where there is none, or where it is off. */
  readonly target: number | null;
  /** The series that the sparkline shows. A printer with two nozzles has only one, for the active nozzle. */
  readonly sensor: Sensor | null;
  /** Of two nozzles, the one that prints. */
  readonly isActive: boolean;
  /** The nozzle that is mounted, such as `0.4 mm`. */
  readonly fitted: string | null;
}

export type Measured = Pick<Status, 'nozzleC' | 'nozzleTargetC' | 'bedC' | 'bedTargetC' | 'chamberC' | 'chamberTargetC' | 'nozzles'>;

type Rest = Omit<Heater, 'now' | 'target'>;

/** A model without a chamber sensor has two. */
export function heatsOf({ nozzleC, nozzleTargetC, bedC, bedTargetC, chamberC, chamberTargetC, nozzles }: Measured): readonly Heater[] {
  const plain = { isActive: false, fitted: null };
  const [only] = nozzles;
  const nozzle =
    nozzles.length > 1
      ? nozzles.flatMap((each) => {
          const name = words.nozzles[each.place ?? ''] ?? words.nozzle;
          return one(each.nowC, each.targetC, { name, icon: 'nozzle', sensor: each.active ? 'nozzleC' : null, isActive: each.active, fitted: fittedIn(each) });
        })
      : one(nozzleC, nozzleTargetC, { ...plain, name: words.nozzle, icon: 'nozzle', sensor: 'nozzleC', fitted: only === undefined ? null : fittedIn(only) });
  return [
    ...nozzle,
    ...one(bedC, bedTargetC, { ...plain, name: words.bed, icon: 'bed', sensor: 'bedC' }),
    ...one(chamberC, chamberTargetC, { ...plain, name: words.chamber, icon: 'chamber', sensor: 'chamberC' }),
  ];
}

const one = (now: number | null, target: number | null, rest: Rest): readonly Heater[] =>
  now === null ? [] : [{ ...rest, now, target: target === 0 ? null : target }];

function fittedIn({ diameterMm, kind }: Status['nozzles'][number]): string | null {
  const fitted = words.nozzleKind(diameterMm === null ? null : measure(diameterMm), kind);
  return fitted === '' ? null : fitted;
}

/** A heater that is at most this far below its target counts as hot. */
const nearC = 3;

export const isHeating = ({ now, target }: Heater): boolean => target !== null && now < target - nearC;
