import type { Status } from '@/api/status';
import { useStatus } from '@/state/fleetStore';
import { texts } from '@/texts/en';
import { type Fact, Facts } from '@/ui/Facts';

const words = texts.status;

/** The printer itself: what was typed in, and what it tells beside its print. What is not known is not listed. */
export function StatusFacts({ id, title, typed }: { readonly id: number; readonly title: string; readonly typed: readonly Fact[] }) {
  const status = useStatus(id);
  return <Facts title={title} facts={status === null ? typed : [...typed, ...told(status)]} />;
}

function told({ model, firmware, network, doorOpen, link }: Status): readonly Fact[] {
  const facts: readonly (Fact | null)[] = [
    model === null ? null : { label: words.model, value: model },
    firmware === null ? null : { label: words.firmware, value: firmware },
    network === null ? null : wifi(network.wired, network.wifiDbm),
    doorOpen === null ? null : { label: words.door, value: doorOpen ? words.doorOpen : words.doorClosed },
    link.sentence === '' ? null : { label: words.connection, value: link.sentence, isLong: true },
  ];
  return facts.filter((fact) => fact !== null);
}

function wifi(wired: boolean, dbm: number | null): Fact | null {
  const value = wired ? words.wired : dbm === null ? null : words.dbm(dbm);
  return value === null ? null : { label: words.wifi, value };
}
