import type { ReactNode } from 'react';
import { type Heard, freshnessOf, useAtTime } from '@/fleet/freshness';
import { texts } from '@/texts';
import { age, toTheSecond } from '@/texts/format';
import styles from './Aged.module.css';

export interface Aging {
  readonly level: 'fresh' | 'aging' | 'old';
  /** `48 s ago`, once it is old. */
  readonly ago: string | null;
  /** When the value was reported, for the tooltip. */
  readonly title: string | undefined;
}

/** How old what is shown is. A printer that has nothing to do may take its time: only a print's figures age early. */
export function useAging(heard: Heard, isBusy: boolean): Aging {
  const { lastUpdate } = heard;
  const freshness = useAtTime((now) => freshnessOf(heard, now));
  const level = freshness === 'aging' && !isBusy ? 'fresh' : freshness;
  const ago = useAtTime((now) => (level !== 'old' || lastUpdate === null ? null : texts.time.ago(age(Math.max(0, now - lastUpdate)))));
  return { level, ago, title: level === 'fresh' || lastUpdate === null ? undefined : texts.status.heardAt(toTheSecond(lastUpdate)) };
}

/** A value, marked by its age: underlined with dots, then pale and with the age beside it. */
export function Aged({ aging, children }: { readonly aging: Aging; readonly children: ReactNode }) {
  return (
    <span className={styles.aged} data-freshness={aging.level} title={aging.title}>
      {children}
      {aging.ago === null ? null : <span className={styles.ago}> · {aging.ago}</span>}
    </span>
  );
}
