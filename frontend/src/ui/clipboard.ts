/** Puts a text where it can be pasted from. Only a page that came over https, or from this very machine, may. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** The old way, which a page from the LAN is left with. What is selected stays selected. */
export function copyBySelecting(element: HTMLElement | null): boolean {
  if (element === null) {
    return false;
  }
  getSelection()?.selectAllChildren(element);
  return document.execCommand('copy');
}
