import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Diagnose } from '@/features/registry/Diagnose';
import { texts } from '@/texts/en';
import { buttonClass } from '@/ui/Button';
import { ErrorBoundary } from './ErrorBoundary';
import { FleetNews } from './FleetNews';
import styles from './Shell.module.css';

/** What stands around every page. */
export function Shell({ children }: { readonly children: ReactNode }) {
  return (
    <>
      <a className={styles.skip} href="#content">
        {texts.app.skip}
      </a>
      <header className={styles.bar}>
        <Link href="/" className={styles.brand}>
          <img src="/favicon.svg" width="28" height="28" alt="" />
          {texts.app.name}
        </Link>
        <Link href="/printers" className={buttonClass('quiet')}>
          {texts.app.printers}
        </Link>
      </header>
      <FleetNews />
      <main id="content" className={styles.content} tabIndex={-1}>
        {children}
      </main>
      <ErrorBoundary>
        <Diagnose />
      </ErrorBoundary>
    </>
  );
}
