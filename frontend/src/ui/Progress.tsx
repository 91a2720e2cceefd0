import styles from './Progress.module.css';

/** How far something is, in per cent. Its colour is the `--tone` around it. */
export function Progress({ label, percent }: { readonly label: string; readonly percent: number }) {
  return <progress className={styles.bar} aria-label={label} max={100} value={percent} />;
}
