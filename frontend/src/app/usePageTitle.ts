import { useEffect, useState } from 'react';
import type { Printer } from '@/api/schemas';
import { Damping } from '@/fleet/damping';
import { printerHeadline, wallHeadline } from '@/fleet/headline';
import { useHeadline } from '@/fleet/useOverview';
import { texts } from '@/texts';

/** An alarm that comes and goes is shown once, and again when it stays: a tab that blinks is looked at for nothing. */
export function usePageTitle(page: string | null, isAlarm = false): void {
  const [damping] = useState(() => new Damping());
  useEffect(() => {
    const waitMs = damping.enter(page ?? '', Date.now());
    const title = texts.app.tabTitle(page);
    const show = () => {
      // Browsers mark a tab whose title is set, also to what it was.
      if (document.title !== title) {
        document.title = title;
      }
    };
    if (!isAlarm || waitMs === 0) {
      show();
      return undefined;
    }
    const timer = setTimeout(show, waitMs);
    return () => clearTimeout(timer);
  }, [damping, page, isAlarm]);
}

/** With how far the print is: often the tab is all that is seen of a page. */
export function usePrinterTitle(printer: Printer): void {
  const { words, isAlarm } = useHeadline([printer], ([seen], now) => printerHeadline(printer.name, seen?.status ?? null, now));
  usePageTitle(words, isAlarm);
}

export function useWallTitle(printers: readonly Printer[]): void {
  const { words, isAlarm } = useHeadline(printers, wallHeadline);
  usePageTitle(words, isAlarm);
}
