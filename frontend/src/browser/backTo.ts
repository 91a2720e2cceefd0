import { address } from '@/api/address';

/**
 * Goes back in the browser's history when the page before this one is that, which is then as it was left: filtered and
 * scrolled. Otherwise, or where the browser does not tell (the Navigation API is young), it answers no, and a step on leads
 * there as well.
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
