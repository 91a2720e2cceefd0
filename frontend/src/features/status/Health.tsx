import type { ReactNode } from 'react';
import { keyOf } from '@/api/advice';
import type { Status } from '@/api/status';
import { reconnectLog } from '@/fleet/reconnects';
import { useCameraReport, useConnection, useStatus } from '@/fleet/fleetStore';
import { useAtTime } from '@/fleet/freshness';
import { texts } from '@/texts';
import { Card } from '@/ui/Card';
import { Icon, type IconName } from '@/ui/Icon';
import styles from './Health.module.css';
import { type Mood, type ConnectionHealth, connectionsOf } from './links';
import { SignalBars } from './SignalBars';
import { flappingIn, networkIn } from './wifi';

const words = texts.health;

/** Whether what is shown can be believed: the three ways that the news take, and how well the printer's own holds. */
export function Health({ id }: { readonly id: number }) {
  const { kind } = useConnection();
  const status = useStatus(id);
  const camera = useCameraReport(id);
  const now = useAtTime((nowMs) => nowMs);
  const ways = connectionsOf(kind, status, camera, now);
  const flapping = status === null ? null : flappingIn(status.network, reconnectLog.of(id, now));
  const air = networkIn(status?.network ?? null);
  const reconnects = status?.link.reconnects ?? null;
  return (
    <Card title={words.title}>
      <dl className={styles.ways}>
        {ways.map((way) => (
          <WayView key={way.name} way={way} />
        ))}
        {air === null ? null : (
          <Cell name={words.network} mood="plain">
            {air.signal === null ? null : <SignalBars signal={air.signal} />}
            {air.words}
          </Cell>
        )}
        {reconnects === null ? null : (
          <Cell name={words.reconnects} mood="plain">
            {words.reconnectsOf(reconnects, camera?.reconnects ?? null)}
          </Cell>
        )}
      </dl>
      {flapping === null ? null : <p className={styles.warning}>{flapping}</p>}
      {status === null ? null : sentencesOf(status).map((sentence) => <p key={sentence}>{sentence}</p>)}
    </Card>
  );
}

const moods: Readonly<Record<Mood, IconName>> = { well: 'check', waiting: 'hourglass', broken: 'warning', absent: 'minus', unknown: 'question' };

function WayView({ way: { name, state, mood } }: { readonly way: ConnectionHealth }) {
  return (
    <Cell name={name} mood={mood}>
      <Icon name={moods[mood]} size={16} />
      {state}
    </Cell>
  );
}

function Cell({ name, mood, children }: { readonly name: string; readonly mood: Mood | 'plain'; readonly children: ReactNode }) {
  return (
    <div className={styles.way} data-mood={mood}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What is wrong with the way to the printer and has not been said beside its print. */
function sentencesOf({ link, display }: Status): readonly string[] {
  const { code = null, params = {} } = link.lastErrorAdvice ?? {};
  const lastError = link.lastError === null ? [] : [{ code, params, sentence: link.lastError }];
  const known = new Map([...(link.step === 'live' ? [] : [link]), ...lastError].map((advice) => [keyOf(advice), advice.sentence]));
  known.delete(keyOf(display));
  return [...known.values()].filter((sentence) => sentence !== '');
}
