import type { ReactNode } from 'react';
import surface from './Surface.module.css';
import styles from './Facts.module.css';

export interface Fact {
  readonly label: string;
  readonly value: ReactNode;
  /** A sentence instead of a figure, which gets the whole width. */
  readonly isLong?: boolean;
}

interface Props {
  readonly title: string;
  readonly facts: readonly Fact[];
  /** Below them. */
  readonly children?: ReactNode;
}

/** A titled list of names and values. */
export function Facts({ title, facts, children }: Props) {
  return (
    <section className={`${surface.surface} ${styles.card}`}>
      <h2 className={styles.title}>{title}</h2>
      <FactList facts={facts} />
      {children}
    </section>
  );
}

function FactList({ facts }: { readonly facts: readonly Fact[] }) {
  return facts.length === 0 ? null : (
    <dl>
      {facts.map(({ label, value, isLong = false }) => (
        <div key={label} className={isLong ? `${styles.row} ${styles.long}` : styles.row}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
