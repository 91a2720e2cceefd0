import { useSpoken } from '@/base/speech';
import { texts } from '@/texts';
import { Button } from '@/ui/Button';
import styles from './NoMatch.module.css';
import type { View } from './view';

/** Says that no printer matches the filter or the search, and offers to clear it. */
export function NoMatch({ view: { filter, q }, choose }: { readonly view: View; readonly choose: (news: Partial<View>) => void }) {
  const isFiltered = filter !== null || q !== '';
  const words = q === '' ? texts.wall.noneOfKind : texts.wall.noneFound(q);
  useSpoken(isFiltered ? words : null);
  if (!isFiltered) {
    return null;
  }
  return (
    <div className={styles.nothing}>
      <p>{words}</p>
      <Button onClick={() => choose({ filter: null, q: '' })}>{texts.wall.showAll}</Button>
    </div>
  );
}
