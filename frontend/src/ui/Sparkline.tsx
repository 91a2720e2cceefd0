import styles from './Sparkline.module.css';
import { areaOf, heightAt, lineOf, rangeOf, stretchesOf } from './sparkline';

interface Props {
  /** A description in words. */
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** The number of values that fill its width. */
  readonly room: number;
  readonly target: number | null;
  /** The smallest range that its height covers. */
  readonly least: number;
}

const box = { width: 180, height: 30 };

/** The recent course of a value. Its colour is the inherited `--tone`. */
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
