import { useEffect } from 'react';
import { texts } from '@/texts/en';

export function usePageTitle(page: string | null): void {
  useEffect(() => {
    document.title = texts.app.tabTitle(page);
  }, [page]);
}
