import { type ReactNode, Suspense, useRef, useState } from 'react';
import { Link, useLocation, useRoute } from 'wouter';
import { address } from '@/api/address';
import { Part } from '@/api/parts';
import { LiveNote } from '@/features/camera/LiveNote';
import { Diagnose } from '@/features/printers/Diagnose';
import { WallBar } from '@/features/wall/WallBar';
import { useShortcut } from '@/browser/shortcuts';
import { paths } from '@/browser/paths';
import { texts } from '@/texts/en';
import { Button, buttonClass } from '@/ui/Button';
import { Icon, type IconName } from '@/ui/Icon';
import { later } from '@/ui/later';
import { Announcer } from '@/app/Announcer';
import { ErrorBoundary } from '@/app/ErrorBoundary';
import { FleetFeed } from '@/app/FleetFeed';
import styles from './AppShell.module.css';
import { useFreshPage } from '@/app/useFreshPage';

const DeviceSheet = later(new Part(() => import('@/features/device/DeviceSheet')), (part) => part.DeviceSheet);

/** What stands around every page: a bar on top, and on a phone another one where the thumb is. */
export function AppShell({ children }: { readonly children: ReactNode }) {
  const [onWall] = useRoute(paths.wall);
  const [path] = useLocation();
  const [sheetOpen, setSheetOpen] = useState(false);
  const content = useRef<HTMLElement>(null);
  useFreshPage(content);
  const openSheet = () => setSheetOpen(true);
  useShortcut('?', texts.device.keyHelp, openSheet);
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#content">
        {texts.app.skip}
      </a>
      <header className={styles.top} data-wall={onWall}>
        <Link href={paths.wall} className={styles.brand}>
          <img src={address('/favicon.svg')} width="24" height="24" alt="" />
          <span className={styles.name}>{texts.app.name}</span>
        </Link>
        {onWall ? <WallBar note={<LiveNote />} /> : null}
        <nav className={styles.links} aria-label={texts.app.pages}>
          <Place href={paths.printers} icon="printer" label={texts.app.printers} />
          <Place href={paths.addPrinter} icon="plus" label={texts.app.addShort} />
          <Button look="quiet" className={styles.place} aria-label={texts.app.more} title={texts.app.more} onClick={openSheet}>
            <Icon name="settings" />
          </Button>
        </nav>
      </header>
      <FleetFeed />
      <main ref={content} id="content" className={styles.content} tabIndex={-1}>
        {children}
      </main>
      <nav className={styles.bottom} aria-label={texts.app.pages}>
        <Place href={paths.wall} icon="grid" label={texts.app.wall} />
        <Place href={paths.printers} icon="printer" label={texts.app.printers} />
        <Place href={paths.addPrinter} icon="plus" label={texts.app.addShort} />
        <Button look="quiet" className={styles.place} onClick={openSheet}>
          <Icon name="settings" />
          <span>{texts.app.moreShort}</span>
        </Button>
      </nav>
      <Announcer />
      <ErrorBoundary at={path}>
        <Diagnose />
        <Suspense>{sheetOpen ? <DeviceSheet onClose={() => setSheetOpen(false)} /> : null}</Suspense>
      </ErrorBoundary>
    </div>
  );
}

function Place({ href, icon, label }: { readonly href: string; readonly icon: IconName; readonly label: string }) {
  const [here] = useRoute(href);
  return (
    <Link href={href} className={`${buttonClass('quiet')} ${styles.place}`} aria-current={here ? 'page' : undefined}>
      <Icon name={icon} />
      <span>{label}</span>
    </Link>
  );
}
