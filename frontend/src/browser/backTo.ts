import { address } from '@/api/address';

/**
 * Goes back in the browser's history if the previous page is the wanted one. That page is then as it was left: filtered and
 * scrolled. Otherwise, and in browsers without the Navigation API, it returns `false`, and the caller navigates forward.
 */
export function backTo(path: `/${string}`): boolean {
  const { navigation } = window as { readonly navigation?: Navigation };
  const before = navigation?.entries()[(navigation.currentEntry?.index ?? 0) - 1]?.url;
  if (before == null || new URL(before).pathname !== address(path)) {
    return false;
  }
  window.history.back();
  return true;
}
