import type { PrinterProblem } from '@/api/status';
import { texts } from '@/texts/en';
import { Icon } from '@/ui/Icon';
import styles from './Problems.module.css';

const words = texts.status;

/** What the printer complains of: in words first, then the code as its screen shows it, and where to read on. */
export function Problems({ problems }: { readonly problems: readonly PrinterProblem[] }) {
  return problems.length === 0 ? null : (
    <ul className={styles.list} aria-label={words.problems}>
      {problems.map(({ code, severity, sentence, wiki }) => (
        <li key={code} className={styles.problem} data-severity={severity}>
          <Icon name="warning" />
          <p className={styles.words}>{sentence}</p>
          <p className={styles.more}>
            <span className={styles.code}>{sentence.includes(code) ? null : code}</span>
            {wiki === null ? null : (
              <a className={styles.link} href={wiki} target="_blank" rel="noreferrer" aria-label={words.wikiOf(code)}>
                {words.wiki}
                <Icon name="link" size={16} />
              </a>
            )}
          </p>
        </li>
      ))}
    </ul>
  );
}
