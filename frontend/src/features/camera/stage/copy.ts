/** Puts text where a person can paste it from: the clipboard or, without one (plain HTTP has none), selected in the page. */
export async function copy(text: string, element: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(element);
    return false;
  }
}
