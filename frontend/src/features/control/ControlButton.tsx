import type { ReactNode } from 'react';
import { Button, type Look } from '@/ui/Button';
import styles from './ControlButton.module.css';

interface Props {
  readonly look: Look;
  readonly className?: string | undefined;
  /** Only a switch is on or off. */
  readonly isOn?: boolean;
  readonly off: boolean;
  readonly busy: boolean;
  readonly describedBy?: string | undefined;
  readonly onPress: () => void;
  readonly children: ReactNode;
}

/** It keeps the focus while it is switched off, because a press switches it off until the answer comes. */
export function ControlButton({ look, className = '', isOn, off, busy, describedBy, onPress, children }: Props) {
  const asSwitch = isOn === undefined ? {} : { role: 'switch', 'aria-checked': isOn };
  return (
    <Button
      look={look}
      className={`${styles.control} ${className}`}
      aria-disabled={off}
      aria-busy={busy}
      aria-describedby={describedBy}
      onClick={() => {
        if (!off) {
          onPress();
        }
      }}
      {...asSwitch}
    >
      {children}
    </Button>
  );
}
