import type { ReactNode } from 'react';
import styles from './Notice.module.css';

/** A problem in words, with what can be done about it. It stays until it is solved. */
export function Notice({ children, action }: { readonly children: ReactNode; readonly action?: ReactNode }) {
  return (
    <div className={styles.notice} role="alert">
      <p>{children}</p>
      {action}
    </div>
  );
}
