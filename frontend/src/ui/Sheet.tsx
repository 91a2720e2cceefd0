import { type ReactNode, useEffect, useId, useRef } from 'react';
import { texts } from '@/texts';
import { Button } from './Button';
import { Icon } from './Icon';
import surface from './Surface.module.css';
import styles from './Sheet.module.css';

interface Props {
  readonly title: string;
  readonly children: ReactNode;
  /** The actions at its end. */
  readonly buttons?: ReactNode;
  readonly onClose: () => void;
}

/** A dialog on a desktop, a sheet from below on a phone. Mount it to open it. */
export function Sheet({ title, children, buttons, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    // React removes the dialog before the browser could give the focus back.
    const opener = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (opener instanceof HTMLElement) {
        opener.focus();
      }
    };
  }, []);
  return (
    <dialog ref={dialog} className={`${surface.lifted} ${styles.sheet}`} aria-labelledby={id} onClose={onClose}>
      <header className={styles.head}>
        <h2 id={id}>{title}</h2>
        <Button look="quiet" aria-label={texts.app.close} onClick={() => dialog.current?.close()}>
          <Icon name="cross" />
        </Button>
      </header>
      <div className={styles.body}>{children}</div>
      {buttons === undefined ? null : <footer className={styles.buttons}>{buttons}</footer>}
    </dialog>
  );
}
