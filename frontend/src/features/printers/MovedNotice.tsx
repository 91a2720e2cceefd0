import { dismiss, useIsDismissed } from '@/browser/dismissed';
import { useField } from '@/fleet/fleetStore';
import { useAtTime } from '@/fleet/freshness';
import { texts } from '@/texts';
import { past } from '@/texts/format';
import { Button } from '@/ui/Button';
import styles from './MovedNotice.module.css';

const words = texts.moved;

/** The printer has another address now, and was followed there. It stands until somebody has read it. */
export function MovedNotice({ id, name }: { readonly id: number; readonly name: string }) {
  const moved = useField(id, 'moved');
  const key = `moved ${id} ${moved?.from} ${moved?.to} ${moved?.time}`;
  const when = useAtTime((now) => (moved === null || moved.time === null ? null : past(moved.time, now)));
  const isRead = useIsDismissed(key);
  return moved === null || isRead ? null : (
    <div className={styles.notice}>
      <p>
        {words.sentence(moved.to, moved.from)}
        {when === null ? null : <span className={styles.when}> {when}</span>}
      </p>
      <Button look="quiet" aria-label={words.dismissOf(name)} onClick={() => dismiss(key)}>
        {words.dismiss}
      </Button>
    </div>
  );
}
