import styles from './Progress.module.css';

/** A progress bar in percent. Its colour is the inherited `--tone`. */
export function Progress({ label, percent }: { readonly label: string; readonly percent: number }) {
  return <progress className={styles.bar} aria-label={label} max={100} value={percent} />;
}
