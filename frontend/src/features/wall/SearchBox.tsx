import { type KeyboardEvent, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useShortcut } from '@/browser/shortcuts';
import { texts } from '@/texts';
import { Icon } from '@/ui/Icon';
import styles from './SearchBox.module.css';

/** Finds a printer by its name, its model or what it prints. On a phone it opens from a button. */
export function SearchBox({ q, onSearch }: { readonly q: string; readonly onSearch: (q: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const shown = open || q !== '';
  const show = () => {
    flushSync(() => setOpen(true));
    input.current?.focus();
    input.current?.select();
  };
  const hide = () => {
    onSearch('');
    flushSync(() => setOpen(false));
    input.current?.blur();
    opener.current?.focus();
  };
  useShortcut('/', texts.wall.searchKey, show);
  const pressed = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      hide();
    }
  };
  return (
    <search className={styles.search} data-open={shown}>
      <button ref={opener} type="button" className={styles.opener} aria-label={texts.wall.search} onClick={show}>
        <Icon name="search" />
      </button>
      <div className={styles.box}>
        <Icon name="search" size={18} />
        <input
          ref={input}
          type="search"
          value={q}
          placeholder={texts.wall.search}
          aria-label={texts.wall.search}
          aria-keyshortcuts="/"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          enterKeyHint="search"
          onChange={({ target }) => onSearch(target.value)}
          onKeyDown={pressed}
        />
        <button type="button" className={styles.close} aria-label={texts.wall.closeSearch} onClick={hide}>
          <Icon name="cross" size={18} />
        </button>
      </div>
    </search>
  );
}
