import styles from './SignalBars.module.css';
import { type Signal, signals } from './wifi';

/** As many bars as the signal has: beside what says it in words. */
export function SignalBars({ signal }: { readonly signal: Signal }) {
  const level = signals.indexOf(signal);
  return (
    <svg viewBox="0 0 16 14" width="16" height="14" aria-hidden="true" focusable="false">
      {signals.map((each, place) => (
        <path key={each} className={styles.bar} data-on={place <= level} d={`M${place * 4 + 1.5} 13.5v${-3 * (place + 1)}`} />
      ))}
    </svg>
  );
}
