import type { ReactNode } from 'react';
import { usePrinters } from '@/fleet/printerList';
import { CountBar } from './CountBar';
import { SearchBox } from './SearchBox';
import { ViewMenu } from './ViewMenu';
import styles from './WallBar.module.css';
import { useView } from './useView';

/** What the shell's bar has for the wall: how many there are of each state, a search, and how they are laid out. */
export function WallBar({ note }: { readonly note: ReactNode }) {
  const printers = usePrinters();
  const [view, choose] = useView();
  return printers.length < 2 ? null : (
    <div className={styles.bar}>
      <CountBar printers={printers} view={view} choose={choose} />
      <SearchBox q={view.q} onSearch={(q) => choose({ q })} />
      <ViewMenu view={view} choose={choose} note={note} />
    </div>
  );
}
