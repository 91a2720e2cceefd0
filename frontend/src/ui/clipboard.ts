/** Copies a text to the clipboard. Browsers allow this only for pages over HTTPS or from the same machine. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** The old method, for a page over plain HTTP on the LAN. It keeps the selection. */
export function copyBySelecting(element: HTMLElement | null): boolean {
  if (element === null) {
    return false;
  }
  getSelection()?.selectAllChildren(element);
  return document.execCommand('copy');
}
