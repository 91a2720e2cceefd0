import { useQuery } from '@tanstack/react-query';
import { printersQuery } from '@/api/printers';
import type { Printer } from '@/api/schemas';
import { spoken } from '@/base/speech';
import { useSignal } from '@/base/useSignal';
import { useAnnouncements } from '@/state/useOverview';

const none: readonly Printer[] = [];

/** Tells those who hear the page what changes, wherever in the page they are. */
export function Announcer() {
  const { data: printers = none } = useQuery(printersQuery);
  useAnnouncements(printers);
  const said = useSignal(spoken);
  return (
    <div className="spoken" aria-live="polite">
      <p key={said.turn}>{said.sentence}</p>
    </div>
  );
}
