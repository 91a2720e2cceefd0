import { basePath } from '@/api/address';
import type { Part } from '@/api/parts';

/** Fetches the code of a page when somebody points at a link to it. `partOf` takes a path below the base path. */
export function fetchOnHover(partOf: (path: string) => Part<unknown> | undefined): () => void {
  const listening = new AbortController();
  const fetchLinked = ({ target }: Event) => {
    const link = target instanceof Element ? target.closest('a') : null;
    if (link !== null && link.origin === location.origin && link.pathname.startsWith(`${basePath}/`)) {
      partOf(link.pathname.slice(basePath.length))?.fetchOnHover();
    }
  };
  for (const hint of ['pointerover', 'focusin'] as const) {
    document.addEventListener(hint, fetchLinked, { signal: listening.signal, passive: true });
  }
  return () => listening.abort();
}
