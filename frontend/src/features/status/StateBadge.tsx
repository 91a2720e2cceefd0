import type { DisplayKind, Status } from '@/api/status';
import { type Believed, believable, useAtTime } from '@/fleet/freshness';
import { texts } from '@/texts';
import { Icon, type IconName } from '@/ui/Icon';
import styles from './StateBadge.module.css';
import tone from './tone.module.css';
import { headline } from './words';

type Shown = Believed & Pick<Status, 'percent'>;

/** What a printer does: a colour, a shape and a word, so that no one of them has to be seen. */
export function StateBadge({ shown, size }: { readonly shown: Shown; readonly size: 'small' | 'large' }) {
  const kind = useAtTime((now) => believable(shown, now).kind);
  const note = useAtTime((now) => believable(shown, now).note);
  const words = useAtTime((now) => headline(shown, now, size === 'large'));
  return (
    <span className={`${styles.badge} ${tone.tone}`} data-kind={kind} data-size={size}>
      <Shape kind={kind} percent={shown.percent ?? 0} size={size === 'large' ? 22 : 18} />
      <span className={styles.word}>{words}</span>
      {note === null ? null : <NoteSign note={note} />}
    </span>
  );
}

/** Quiet: the printer goes on. */
const NoteSign = ({ note }: { readonly note: string }) => (
  <span className={styles.note} title={note}>
    <Icon name="info" size={18} />
    <span className="spoken">{texts.status.noteOf(note)}</span>
  </span>
);

const icons: Partial<Record<DisplayKind, IconName>> = {
  'needs-you': 'warning',
  offline: 'cross',
  'no-data': 'hourglass',
  paused: 'pause',
  finished: 'check',
  stopped: 'stop',
  failed: 'failed',
  idle: 'ring',
};

function Shape({ kind, percent, size }: { readonly kind: DisplayKind; readonly percent: number; readonly size: number }) {
  const icon = icons[kind];
  return icon === undefined ? <Ring percent={kind === 'printing' ? percent : null} size={size} /> : <Icon name={icon} size={size} />;
}

/** Filled as far as the print is; dashed while there is nothing to measure. */
function Ring({ percent, size }: { readonly percent: number | null; readonly size: number }) {
  const circle = { cx: 12, cy: 12, r: 9, pathLength: 100 };
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} fill="none" stroke="currentColor" strokeWidth="3.5" aria-hidden="true" focusable="false">
      {percent === null ? (
        <circle {...circle} className={styles.dashes} strokeDasharray="12.5 12.5" />
      ) : (
        <>
          <circle {...circle} className={styles.track} />
          <circle {...circle} strokeDasharray={`${percent} 100`} transform="rotate(-90 12 12)" />
        </>
      )}
    </svg>
  );
}
