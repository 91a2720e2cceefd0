import { type MouseEvent, type ReactNode, type ToggleEvent, useId, useRef } from 'react';
import { Button, type Look } from './Button';
import { Icon } from './Icon';
import surface from './Surface.module.css';
import styles from './Menu.module.css';

const gap = 4;
const edge = 8;

/** A menu of further actions behind three dots. It is in the browser's top layer, so that nothing clips it. */
export function Menu({ label, look, children }: { readonly label: string; readonly look: Look; readonly children: ReactNode }) {
  const id = useId();
  const opener = useRef<HTMLButtonElement>(null);
  const sheet = useRef<HTMLDivElement>(null);
  const place = ({ newState }: ToggleEvent) => {
    if (newState === 'open' && opener.current !== null && sheet.current !== null) {
      put(sheet.current, opener.current);
    }
  };
  // A choice closes it before anything else opens, so that the focus goes back to the dots.
  const choose = ({ target }: MouseEvent) => {
    if (target instanceof Element && target.closest('button:not([aria-disabled="true"])') !== null) {
      sheet.current?.hidePopover();
    }
  };
  return (
    <>
      <Button ref={opener} look={look} className={styles.dots} popoverTarget={id} aria-label={label} title={label}>
        <Icon name="dots" />
      </Button>
      {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- hears the clicks of the buttons in it */}
      <div ref={sheet} id={id} popover="auto" className={`${surface.lifted} ${styles.sheet}`} onToggle={place} onClickCapture={choose}>
        {children}
      </div>
    </>
  );
}

/** Places it below its opener, or above if there is no room below. */
function put(sheet: HTMLElement, opener: HTMLElement): void {
  const { top, bottom, right } = opener.getBoundingClientRect();
  const { offsetHeight, offsetWidth } = sheet;
  const below = bottom + gap;
  const above = top - gap - offsetHeight;
  sheet.style.top = `${Math.max(edge, below + offsetHeight > innerHeight - edge ? above : below)}px`;
  sheet.style.left = `${Math.max(edge, right - offsetWidth)}px`;
}
