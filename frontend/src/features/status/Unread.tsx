import { texts } from '@/texts';
import { Folded } from './Folded';
import styles from './Folded.module.css';

const words = texts.health;

/** Fields of the printer's reports that the service could not make sense of: for people who want to report them. */
export function Unread({ fields }: { readonly fields: readonly string[] }) {
  return fields.length === 0 ? null : (
    <Folded summary={words.unread(fields.length)} more={words.unreadMore}>
      <p className={styles.fields}>{fields.join(', ')}</p>
    </Folded>
  );
}
