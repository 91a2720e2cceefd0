import type { Printer } from '@/api/schemas';
import { type Counts, countKinds, kindsByUrgency } from '@/fleet/overview';
import { useOverview } from '@/fleet/useOverview';
import { texts } from '@/texts';
import styles from './CountBar.module.css';
import type { View } from './view';

interface Props {
  readonly printers: readonly Printer[];
  readonly view: View;
  readonly choose: (news: Partial<View>) => void;
}

/** How many printers there are of each state, as a sentence whose parts are the filters. */
export function CountBar({ printers, view: { filter }, choose }: Props) {
  const counts = JSON.parse(useOverview(printers, (seen, now) => JSON.stringify(countKinds(seen, now)))) as Counts;
  return (
    <ul className={styles.counts} aria-label={texts.wall.counts}>
      {kindsByUrgency.map((kind) => {
        const count = counts[kind] ?? 0;
        // The filter in force stays, so that it can be taken back.
        return count === 0 && filter !== kind ? null : (
          <li key={kind} className={styles.part}>
            <button
              type="button"
              className={styles.count}
              data-kind={kind}
              aria-pressed={filter === kind}
              onClick={() => choose({ filter: filter === kind ? null : kind })}
            >
              {texts.wall.countOf[kind](count)}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
