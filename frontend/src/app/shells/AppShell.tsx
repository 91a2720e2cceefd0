import { Suspense, useRef, useState } from 'react';
import { Link, useLocation, useRoute } from 'wouter';
import { address, endpoints } from '@/api/address';
import { Part } from '@/api/parts';
import { LiveNote } from '@/features/camera/LiveNote';
import { ConnectionBanner } from '@/features/connection/ConnectionBanner';
import { Diagnose } from '@/features/printers/Diagnose';
import { WallBar } from '@/features/wall/WallBar';
import { useShortcut } from '@/browser/shortcuts';
import { paths } from '@/browser/paths';
import { texts } from '@/texts';
import { Button, buttonClass } from '@/ui/Button';
import { Icon } from '@/ui/Icon';
import { later } from '@/ui/later';
import { Announcer } from '@/app/Announcer';
import { ErrorBoundary } from '@/app/ErrorBoundary';
import type { NavigationEntry, ShellProps } from '@/app/routes';
import { useFleetFeed } from '@/app/useFleetFeed';
import styles from './AppShell.module.css';
import { useFreshPage } from '@/app/useFreshPage';

const DeviceSheet = later(new Part(() => import('@/features/device/DeviceSheet')), (part) => part.DeviceSheet);

/** A bar on top of the page, and on a phone another one where the thumb is. */
export function AppShell({ navigation, children }: ShellProps) {
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
          <img src={address(endpoints.icon)} width="24" height="24" alt="" />
          <span className={styles.name}>{texts.app.name}</span>
        </Link>
        {onWall ? <WallBar note={<LiveNote />} /> : null}
        <nav className={styles.links} aria-label={texts.app.pages}>
          {navigation.map((entry) => (entry.isHome === true ? null : <NavigationLink key={entry.path} entry={entry} />))}
          <Button look="quiet" className={styles.place} aria-label={texts.app.more} title={texts.app.more} onClick={openSheet}>
            <Icon name="settings" />
          </Button>
        </nav>
      </header>
      <Connection />
      <main ref={content} id="content" className={styles.content} tabIndex={-1}>
        {children}
      </main>
      <nav className={styles.bottom} aria-label={texts.app.pages}>
        {navigation.map((entry) => (
          <NavigationLink key={entry.path} entry={entry} />
        ))}
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

/** Hears the fleet, and says so when it does not. */
function Connection() {
  const tryNow = useFleetFeed();
  return <ConnectionBanner onTryNow={tryNow} />;
}

function NavigationLink({ entry: { path, icon, label } }: { readonly entry: NavigationEntry }) {
  const [here] = useRoute(path);
  return (
    <Link href={path} className={`${buttonClass('quiet')} ${styles.place}`} aria-current={here ? 'page' : undefined}>
      <Icon name={icon} />
      <span>{label}</span>
    </Link>
  );
}
