import { type ReactNode, useId } from 'react';
import { sorts } from '@/fleet/overview';
import { texts } from '@/texts';
import { Button } from '@/ui/Button';
import { Icon } from '@/ui/Icon';
import { Segments } from '@/ui/Segments';
import surface from '@/ui/Surface.module.css';
import styles from './ViewMenu.module.css';
import { type View, layouts, sizes } from './view';

interface Props {
  readonly view: View;
  readonly choose: (news: Partial<View>) => void;
  /** Further settings of the wall. */
  readonly note: ReactNode;
}

/** How the printers are laid out and sorted. */
export function ViewMenu({ view, choose, note }: Props) {
  const id = useId();
  const words = texts.wall;
  return (
    <>
      <Button look="quiet" className={styles.opener} popoverTarget={id} aria-label={words.view}>
        <Icon name={view.layout === 'list' ? 'list' : 'grid'} />
        <span className={styles.label}>{words.view}</span>
      </Button>
      <div id={id} popover="auto" className={`${surface.lifted} ${styles.menu}`}>
        <Segments title={words.layout} words={words.layouts} choices={['auto', ...layouts]} value={view.layout} onChoose={(layout) => choose({ layout })} />
        <Segments title={words.size} words={words.sizes} choices={['auto', ...sizes]} value={view.size} onChoose={(size) => choose({ size })} />
        <Segments title={words.sort} words={words.sorts} choices={sorts} value={view.sort} onChoose={(sort) => choose({ sort })} />
        {note}
      </div>
    </>
  );
}
