import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useId, useRef } from 'react';
import { Button } from './Button';
import surface from './Surface.module.css';
import styles from './ConfirmDialog.module.css';

interface Props {
  readonly title: string;
  readonly children: ReactNode;
  readonly keep: string;
  /** `null`: there is nothing left to confirm. */
  readonly confirm: string | null;
  readonly busy: boolean;
  readonly onKeep: () => void;
  readonly onConfirm: () => void;
}

/** A second tap of the finger that opened the dialog does not count as an answer. */
const deafMs = 500;

/** Asks before an action that cannot be undone. Mount it to open it. Escape cancels, and the focus starts on the cancel button. */
export function ConfirmDialog({ title, children, keep, confirm, busy, onKeep, onConfirm }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const harmless = useRef<HTMLButtonElement>(null);
  const openedMs = useRef(0);
  const id = useId();
  useEffect(() => {
    // React removes the dialog before the browser could give the focus back.
    const opener = document.activeElement;
    dialog.current?.showModal();
    openedMs.current = performance.now();
    return () => {
      if (opener instanceof HTMLElement) {
        opener.focus();
      }
    };
  }, []);
  const isAnswered = confirm === null;
  useEffect(() => {
    if (isAnswered) {
      harmless.current?.focus();
    }
  }, [isAnswered]);
  // For the keyboard the focus is on the harmless button.
  const isMeant = ({ detail }: MouseEvent) => detail === 0 || performance.now() - openedMs.current > deafMs;
  return (
    <dialog
      ref={dialog}
      className={`${surface.lifted} ${styles.dialog}`}
      role="alertdialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      onClose={onKeep}
      onKeyDown={holdsKey}
    >
      <h2 id={`${id}-title`}>{title}</h2>
      <div id={`${id}-text`} className={styles.text}>
        {children}
      </div>
      <div className={styles.buttons}>
        {/* eslint-disable-next-line jsx-a11y/no-autofocus -- the harmless choice has to have it */}
        <Button ref={harmless} autoFocus onClick={(event) => isMeant(event) && dialog.current?.close()}>
          {keep}
        </Button>
        {confirm === null ? null : (
          <Button look="danger" aria-disabled={busy} aria-busy={busy} onClick={(event) => !busy && isMeant(event) && onConfirm()}>
            {confirm}
          </Button>
        )}
      </div>
    </dialog>
  );
}

/** A key that was held down before the dialog opened does not count either. */
function holdsKey(event: KeyboardEvent): void {
  if (event.repeat && event.key === 'Enter') {
    event.preventDefault();
  }
}
