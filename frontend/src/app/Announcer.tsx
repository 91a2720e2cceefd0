import { spoken } from '@/base/speech';
import { useSignal } from '@/base/useSignal';
import { usePrinters } from '@/fleet/printerList';
import { useAnnouncements } from '@/fleet/useOverview';

/** Tells those who hear the page what changes, wherever in the page they are. */
export function Announcer() {
  useAnnouncements(usePrinters());
  const said = useSignal(spoken);
  return (
    <div className="spoken" aria-live="polite">
      <p key={said.turn}>{said.sentence}</p>
    </div>
  );
}
