import type { PrinterProblem, Status } from '@/api/status';
import { texts } from '@/texts/en';
import { CopyButton } from '@/ui/CopyButton';
import { Icon } from '@/ui/Icon';
import styles from './Problems.module.css';

const words = texts.status;

/** A problem as it is shown. Where the printer waits without saying a code there is none. */
export type Shown = Omit<PrinterProblem, 'code'> & { readonly code: string | null };

/** What a person has to see first: whatever the printer waits for, even if it is no more than its state that says so. */
export function urgent({ display, problems }: Pick<Status, 'display' | 'problems'>): readonly Shown[] {
  const waiting = problems.filter(({ needsYou }) => needsYou);
  return waiting.length > 0 || display.kind !== 'needs-you'
    ? waiting
    : [{ code: null, severity: 'serious', sentence: display.sentence, wiki: null, needsYou: true }];
}

interface Props {
  readonly problems: readonly Shown[];
  readonly label: string;
  /** `12 min ago`, where the printer can no longer be heard. */
  readonly ago: string | null;
}

/** What the printer complains of: in words first, then the code as its screen shows it, and where to read on. */
export function Problems({ problems, label, ago }: Props) {
  return problems.length === 0 ? null : (
    <ul className={styles.list} aria-label={label}>
      {problems.map(({ code, severity, sentence, wiki, needsYou }) => (
        <li key={code} className={styles.problem} data-severity={severity} data-urgent={needsYou}>
          <Icon name={severity === 'info' ? 'info' : 'warning'} />
          <p className={styles.kind}>
            {needsYou ? `${words.kinds['needs-you']} · ${words.severities[severity]}` : words.severities[severity]}
            {ago === null ? null : ` · ${ago}`}
          </p>
          <p className={styles.words}>{sentence}</p>
          {code === null && wiki === null ? null : (
            <p className={styles.more}>
              {code === null ? null : <CopyButton text={code} label={words.copyCode(code)} words={texts.copy} />}
              {wiki === null ? null : (
                <a className={styles.link} href={wiki} target="_blank" rel="noreferrer" aria-label={words.wikiOf(code ?? sentence)}>
                  {words.wiki}
                  <Icon name="link" size={16} />
                </a>
              )}
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}
