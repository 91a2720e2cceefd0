import { type KeyboardEvent, useRef, useState } from 'react';
import type { Printer } from '@/api/schemas';
import { useScreenSize } from '@/browser/screenSize';
import { useShortcut } from '@/browser/shortcuts';
import { texts } from '@/texts';
import { NoMatch } from './NoMatch';
import { Tile, type TileParts } from './Tile';
import styles from './Wall.module.css';
import { fit } from './fit';
import { isArrow, arrowTarget } from './arrowKeys';
import { useArrangement } from './useArrangement';
import { useView } from './useView';

/** Every printer as a tile, or as a line. `parts` must stay the same: a tile is drawn anew only for what is new of it. */
export function Wall({ printers, parts }: { readonly printers: readonly Printer[]; readonly parts: TileParts }) {
  const [view, choose] = useView();
  const [placed, holder] = useArrangement(printers, view);
  const needing = placed.filter(({ needsYou }) => needsYou).length;
  const { layout, size, columns, maxWidth, wide } = fit(placed.length, needing, view, useScreenSize());
  const [current, setCurrent] = useState<number | null>(null);
  const list = useRef<HTMLUListElement>(null);

  useShortcut('1', texts.wall.sizeKeys.s, () => choose({ size: 's' }));
  useShortcut('2', texts.wall.sizeKeys.m, () => choose({ size: 'm' }));
  useShortcut('3', texts.wall.sizeKeys.l, () => choose({ size: 'l' }));
  useShortcut('Arrows', texts.wall.arrowKeys, null);
  useShortcut('Enter', texts.wall.enterKey, null);

  const move = (event: KeyboardEvent) => {
    holder.hold('keyboard');
    const links = [...(list.current?.querySelectorAll<HTMLElement>('[data-tile] a') ?? [])];
    const from = links.findIndex((link) => link === document.activeElement);
    if (from >= 0 && isArrow(event.key)) {
      event.preventDefault();
      const boxes = links.map((link) => (link.closest('[data-tile]') ?? link).getBoundingClientRect());
      links[arrowTarget(boxes, from, event.key)]?.focus();
    }
  };

  const first = placed.find(({ printer }) => printer.id === current) ?? placed[0];
  // At most this many of the printers that need somebody are shown large.
  const large = new Set(
    placed
      .filter(({ needsYou }) => needsYou)
      .slice(0, wide)
      .map(({ printer }) => printer.id),
  );
  return (
    <section className={styles.page}>
      <h1 className="spoken">
        {texts.wall.title} {printers.length}
      </h1>
      {placed.length === 0 ? <NoMatch view={view} choose={choose} /> : null}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- hears where hands are; what can be done is in the links */}
      <ul
        ref={list}
        className={styles.wall}
        data-layout={layout}
        data-size={size}
        style={{ gridTemplateColumns: layout === 'list' ? undefined : `repeat(${columns}, minmax(0, 1fr))`, maxWidth: layout === 'list' ? undefined : (maxWidth ?? undefined) }}
        onPointerMove={({ pointerType }) => pointerType === 'mouse' && holder.hold('pointer')}
        onPointerLeave={() => holder.release('pointer')}
        onTouchStart={() => holder.hold('finger')}
        onTouchEnd={() => holder.release('finger')}
        onTouchCancel={() => holder.release('finger')}
        onFocus={() => holder.hold('keyboard')}
        onBlur={() => holder.release('keyboard')}
        onKeyDown={move}
      >
        {placed.map(({ printer, needsYou }, place) => (
          <Tile
            key={printer.id}
            printer={printer}
            place={place}
            look={layout === 'list' ? 'row' : size}
            needsYou={needsYou}
            isLarge={large.has(printer.id) && layout === 'wall'}
            isCurrent={first?.printer.id === printer.id}
            onCurrent={setCurrent}
            parts={parts}
          />
        ))}
      </ul>
    </section>
  );
}

/** Tiles at their final size while the list is on its way. */
export function WallSkeleton() {
  return (
    <ul className={styles.wall} data-layout="wall" aria-busy="true" aria-label={texts.wall.loading}>
      {[1, 2].map((place) => (
        <li key={place} className={styles.skeleton} />
      ))}
    </ul>
  );
}
