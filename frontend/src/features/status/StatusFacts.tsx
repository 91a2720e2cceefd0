import type { Status } from '@/api/status';
import { useStatus } from '@/fleet/fleetStore';
import { texts } from '@/texts';
import { type Fact, Facts } from '@/ui/Facts';
import { OtherCodes } from './OtherCodes';
import { Unread } from './Unread';

const words = texts.status;

/** The printer itself: what it tells beside its print, and what was typed in. What is not known is not listed. */
export function StatusFacts({ id, title, typed }: { readonly id: number; readonly title: string; readonly typed: readonly Fact[] }) {
  const status = useStatus(id);
  return (
    <Facts title={title} facts={status === null ? typed : [...told(status), ...typed]}>
      {status === null ? null : (
        <>
          <OtherCodes problems={status.problems} />
          <Unread fields={status.unreadFields} />
        </>
      )}
    </Facts>
  );
}

function told({ model, firmware, doorOpen, storage }: Status): readonly Fact[] {
  const facts: readonly (Fact | null)[] = [
    model === null ? null : { label: words.model, value: model },
    firmware === null ? null : { label: words.firmware, value: firmware },
    doorOpen === null ? null : { label: words.door, value: doorOpen ? words.doorOpen : words.doorClosed },
    storage === null ? null : { label: words.storage, value: words.storages[storage] },
  ];
  return facts.filter((fact) => fact !== null);
}
