import { useLayoutEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { basePath } from '@/api/address';

/**
 * A link leads to the beginning of a page, for the eye and for the keyboard. Back leads to the link one had left by, also
 * where that has moved meanwhile, or where the browser's own way back is too short, since tiles that are not seen yet have
 * a guessed height.
 */
export function useFreshPage(content: { readonly current: HTMLElement | null }): void {
  const [path] = useLocation();
  const last = useRef(path);
  const travels = useRef(false);
  useLayoutEffect(() => {
    const note = () => {
      travels.current = true;
    };
    // Before the listener that draws the page.
    window.addEventListener('popstate', note, { capture: true });
    return () => window.removeEventListener('popstate', note, { capture: true });
  }, []);
  useLayoutEffect(() => {
    const left = last.current;
    const back = travels.current;
    last.current = path;
    travels.current = false;
    if (path === left) {
      return undefined;
    }
    if (!back) {
      window.scrollTo(0, 0);
      content.current?.focus({ preventScroll: true });
      return undefined;
    }
    // After the browser's own.
    const frame = requestAnimationFrame(() => content.current?.querySelectorAll<HTMLElement>(`a[href="${CSS.escape(basePath + left)}"]`).forEach(returnTo));
    return () => cancelAnimationFrame(frame);
  }, [path, content]);
}

function returnTo(link: HTMLElement): void {
  link.scrollIntoView({ block: 'nearest' });
  link.focus({ preventScroll: true });
  // Nobody who points needs the focus there, and a wall with the focus in it keeps its order.
  if (!link.matches(':focus-visible')) {
    link.blur();
  }
}
