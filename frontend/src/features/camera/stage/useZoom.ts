import { useCallback, useState } from 'react';
import { type View, moved, whole, zoomed } from './zoom';

const doubleTapFactor = 2.5;
const keyFactor = 1.5;

export interface Zoom {
  /** For the element that is looked at. */
  readonly frame: (element: HTMLElement) => () => void;
  readonly view: View;
  closer(): void;
  farther(): void;
  reset(): void;
}

/**
 * Zoom by pinching, by the wheel and by double click; pan by dragging what is zoomed.
 *
 * The wheel alone scrolls the page, as everywhere: it zooms with Ctrl (a pinch on a touchpad is the same), in full
 * screen, and where the picture is zoomed already.
 */
export function useZoom(): Zoom {
  const [view, setView] = useState(whole);
  return {
    frame: useCallback((element) => listen(element, setView), []),
    view,
    closer: useCallback(() => setView((now) => zoomed(now, keyFactor, 0.5, 0.5)), []),
    farther: useCallback(() => setView((now) => zoomed(now, 1 / keyFactor, 0.5, 0.5)), []),
    reset: useCallback(() => setView(whole), []),
  };
}

type Change = (next: (now: View) => View) => void;

function listen(element: HTMLElement, change: Change): () => void {
  const listening = new AbortController();
  const { signal } = listening;
  const fingers = new Map<number, PointerEvent>();
  const isZoomed = () => element.dataset['zoomed'] === 'true';
  const at = ({ clientX, clientY }: MouseEvent): readonly [number, number] => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return [(clientX - left) / width, (clientY - top) / height];
  };

  element.addEventListener(
    'wheel',
    (event) => {
      if (event.ctrlKey || isZoomed() || document.fullscreenElement !== null) {
        event.preventDefault();
        change((now) => zoomed(now, Math.exp(-event.deltaY / (event.deltaMode === 0 ? 300 : 10)), ...at(event)));
      }
    },
    { signal, passive: false },
  );
  element.addEventListener('dblclick', (event) => !isOnButton(event) && change((now) => (now.scale > 1 ? whole : zoomed(now, doubleTapFactor, ...at(event)))), { signal });
  element.addEventListener('pointerdown', (event) => !isOnButton(event) && fingers.set(event.pointerId, event), { signal });
  element.addEventListener(
    'pointermove',
    (event) => {
      const before = fingers.get(event.pointerId);
      if (before === undefined) {
        return;
      }
      const { width, height } = element.getBoundingClientRect();
      const [byX, byY] = [(event.clientX - before.clientX) / width, (event.clientY - before.clientY) / height];
      const other = [...fingers.values()].find(({ pointerId }) => pointerId !== event.pointerId);
      if (other !== undefined) {
        const factor = distance(event, other) / Math.max(1, distance(before, other));
        change((now) => moved(zoomed(now, factor, ...at(other)), byX / 2, byY / 2));
      } else if (isZoomed()) {
        // The picture captures the pointer only for a drag, so that a tap still is a tap.
        element.setPointerCapture(event.pointerId);
        change((now) => moved(now, byX, byY));
      }
      fingers.set(event.pointerId, event);
    },
    { signal },
  );
  for (const end of ['pointerup', 'pointercancel'] as const) {
    addEventListener(end, ({ pointerId }) => fingers.delete(pointerId), { signal });
  }
  return () => listening.abort();
}

const isOnButton = ({ target }: Event): boolean => target instanceof Element && target.closest('button, a') !== null;

const distance = (a: PointerEvent, b: PointerEvent): number => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
