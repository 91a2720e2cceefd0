import { useLayoutEffect, useRef } from 'react';
import { useLocation } from 'wouter';

/**
 * A link leads to the beginning of a page, for the eye and for the keyboard; back and forth lead to where one was, which is
 * the browser's to restore. As with documents of their own.
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
    if (path !== last.current && !travels.current) {
      window.scrollTo(0, 0);
      content.current?.focus({ preventScroll: true });
    }
    last.current = path;
    travels.current = false;
  }, [path, content]);
}
