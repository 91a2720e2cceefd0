import { useEffect } from 'react';
import type { Printer } from '@/api/schemas';
import { printerHeadline, wallHeadline } from '@/state/headline';
import { useOverview } from '@/state/useOverview';
import { texts } from '@/texts/en';

export function usePageTitle(page: string | null): void {
  useEffect(() => {
    document.title = texts.app.tabTitle(page);
  }, [page]);
}

/** With how far the print is: often the tab is all that is seen of a page. */
export function usePrinterTitle(printer: Printer): void {
  usePageTitle(useOverview([printer], ([seen], now) => printerHeadline(printer.name, seen?.status ?? null, now)));
}

export function useWallTitle(printers: readonly Printer[]): void {
  usePageTitle(useOverview(printers, wallHeadline));
}
