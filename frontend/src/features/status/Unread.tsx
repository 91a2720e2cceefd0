import { texts } from '@/texts/en';
import styles from './Unread.module.css';

const words = texts.health;

/** Fields of the printer's reports that the service could not make sense of: for who may want to report it. */
export function Unread({ fields }: { readonly fields: readonly string[] }) {
  return fields.length === 0 ? null : (
    <details className={styles.unread}>
      <summary className={styles.summary}>{words.unread(fields.length)}</summary>
      <p>{words.unreadMore}</p>
      <p className={styles.fields}>{fields.join(', ')}</p>
    </details>
  );
}
