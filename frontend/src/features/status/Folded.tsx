import type { ReactNode } from 'react';
import styles from './Folded.module.css';

/** Folds rarely needed content behind one line. */
export function Folded({ summary, more, children }: { readonly summary: string; readonly more: string; readonly children: ReactNode }) {
  return (
    <details className={styles.folded}>
      <summary className={styles.summary}>{summary}</summary>
      <p>{more}</p>
      {children}
    </details>
  );
}
