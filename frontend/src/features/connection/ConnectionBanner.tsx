import { type ReactNode, useEffect, useState } from 'react';
import { useSpoken } from '@/base/speech';
import { useSignal } from '@/base/useSignal';
import { type Connection, useConnection } from '@/fleet/fleetStore';
import { offersReload } from '@/browser/pageReload';
import { texts } from '@/texts';
import { toTheSecond } from '@/texts/format';
import { Button } from '@/ui/Button';
import styles from './ConnectionBanner.module.css';

const words = texts.connection;

/** A shorter interruption is not shown. */
const silentMs = 1_000;
const longMs = 15_000;
const backMs = 3_000;

/** Says when the page no longer hears the service, and when it does again. */
export function ConnectionBanner({ onTryNow }: { readonly onTryNow: () => void }) {
  const connection = useConnection();
  return <Banner key={connection.kind} connection={connection} wasLost={useBefore(connection.kind) === 'lost'} onTryNow={onTryNow} />;
}

function Banner({ connection, wasLost, onTryNow }: { readonly connection: Connection; readonly wasLost: boolean; readonly onTryNow: () => void }) {
  const silent = !useAfter(silentMs);
  const long = useAfter(longMs);
  const backIsOld = useAfter(backMs);
  const isReplaced = useSignal(offersReload);
  if (isReplaced && connection.kind !== 'lost' && connection.kind !== 'signedOut') {
    return (
      <Strip tone="quiet" action={<Button onClick={() => location.reload()}>{texts.app.reload}</Button>}>
        {words.replaced}
      </Strip>
    );
  }
  switch (connection.kind) {
    case 'lost': {
      const clock = connection.heardMs === null ? null : toTheSecond(connection.heardMs);
      return silent ? null : (
        <Strip tone="bad" action={long ? <Button onClick={onTryNow}>{words.tryNow}</Button> : null}>
          {long ? words.lost(clock) : words.reconnecting(clock)}
        </Strip>
      );
    }
    case 'signedOut': {
      const clock = connection.heardMs === null ? null : toTheSecond(connection.heardMs);
      // The sign-in page is on another origin and comes back to this address.
      return (
        <Strip tone="bad" action={<Button onClick={() => location.reload()}>{texts.errors.signIn}</Button>}>
          {words.signedOut(clock)}
        </Strip>
      );
    }
    case 'polling':
      return <Strip tone="quiet">{words.polling}</Strip>;
    case 'live':
      return wasLost && !backIsOld ? <Strip tone="good">{words.back}</Strip> : null;
    case 'opening':
      return null;
  }
}

function Strip({ tone, action = null, children }: { readonly tone: 'bad' | 'good' | 'quiet'; readonly action?: ReactNode; readonly children: string }) {
  useSpoken(children);
  return (
    <section className={styles.strip} data-tone={tone} aria-label={words.title}>
      <p>{children}</p>
      {action}
    </section>
  );
}

/** Returns the value that preceded the current one. */
function useBefore<T>(value: T): T | null {
  const [{ now, before }, set] = useState<{ now: T; before: T | null }>({ now: value, before: null });
  if (now === value) {
    return before;
  }
  set({ now: value, before: now });
  return now;
}

function useAfter(ms: number): boolean {
  const [past, setPast] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setPast(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return past;
}
