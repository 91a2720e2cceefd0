import styles from './Sparkline.module.css';
import { areaOf, heightAt, lineOf, rangeOf, stretchesOf } from './sparkline';

interface Props {
  /** What it shows, in words. */
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** How many values fill it. */
  readonly room: number;
  readonly target: number | null;
  /** The least that its height stands for. */
  readonly least: number;
}

const box = { width: 180, height: 30 };

/** How a value came to be what it is. Its colour is the `--tone` around it. */
export function Sparkline({ label, values, room, target, least }: Props) {
  const range = rangeOf(values, target, least);
  if (range === null) {
    return null;
  }
  const stretches = stretchesOf(values, room, range, box);
  return (
    <>
      <span className="spoken">{label}</span>
      <svg className={styles.spark} viewBox={`0 -2 ${box.width} ${box.height + 4}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
        {target === null ? null : <path className={styles.target} d={`M0 ${heightAt(target, range, box)}h${box.width}`} />}
        <path className={styles.area} d={stretches.map((stretch) => areaOf(stretch, box)).join('')} />
        <path className={styles.line} d={stretches.map(lineOf).join('')} />
      </svg>
    </>
  );
}
