import { type ReactNode, useEffect, useId, useRef } from 'react';
import { Button } from './Button';
import styles from './ConfirmDialog.module.css';

interface Props {
  readonly title: string;
  readonly children: ReactNode;
  readonly keep: string;
  readonly confirm: string;
  readonly busy: boolean;
  readonly onKeep: () => void;
  readonly onConfirm: () => void;
}

/** Asks before what cannot be undone. Mount it to open it. Escape keeps, and the focus begins on keeping. */
export function ConfirmDialog({ title, children, keep, confirm, busy, onKeep, onConfirm }: Props) {
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
    <dialog ref={dialog} className={styles.dialog} role="alertdialog" aria-labelledby={`${id}-title`} aria-describedby={`${id}-text`} onClose={onKeep}>
      <h2 id={`${id}-title`}>{title}</h2>
      <div id={`${id}-text`} className={styles.text}>
        {children}
      </div>
      <div className={styles.buttons}>
        {/* eslint-disable-next-line jsx-a11y/no-autofocus -- the harmless choice has to have it */}
        <Button autoFocus onClick={() => dialog.current?.close()}>
          {keep}
        </Button>
        <Button look="danger" disabled={busy} onClick={onConfirm}>
          {confirm}
        </Button>
      </div>
    </dialog>
  );
}
