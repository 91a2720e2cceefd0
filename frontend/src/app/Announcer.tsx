import { useQuery } from '@tanstack/react-query';
import { printersQuery } from '@/api/printers';
import type { Printer } from '@/api/schemas';
import { useAnnouncement } from '@/state/useOverview';

const none: readonly Printer[] = [];

/** Tells those who hear the page what changes, wherever in the page they are. */
export function Announcer() {
  const { data: printers = none } = useQuery(printersQuery);
  return (
    <p className="spoken" aria-live="polite">
      {useAnnouncement(printers)}
    </p>
  );
}
