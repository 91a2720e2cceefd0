import type { PrinterProblem, Status } from '@/api/status';
import { texts } from '@/texts';
import { CopyButton } from '@/ui/CopyButton';
import { Icon } from '@/ui/Icon';
import styles from './Problems.module.css';

const words = texts.status;

/** A problem as it is shown. Where the printer waits without saying a code there is none. */
export type Shown = Omit<PrinterProblem, 'code' | 'role'> & { readonly code: string | null };

/** What a person has to see first: whatever the printer waits for, even if it is no more than its state that says so. */
export function urgent({ display, problems }: Pick<Status, 'display' | 'problems'>): readonly Shown[] {
  const waiting = problems.filter(({ role }) => role === 'needs-you');
  return waiting.length > 0 || display.kind !== 'needs-you'
    ? waiting
    : [{ code: null, severity: 'serious', sentence: display.sentence, whatToDo: null, wiki: null }];
}

/** What each kind of list is called. `past`: of a printer that is away, so that nobody can do anything there now. */
const labels = { urgent: words.urgentProblems, past: words.pastProblems, note: words.notes } as const;

interface Props {
  readonly problems: readonly Shown[];
  readonly look: keyof typeof labels;
  /** `12 min ago`, where the printer can no longer be heard. */
  readonly ago: string | null;
}

/** What the printer complains of: in words first, with what to do, then the code as its screen shows it, and where to read on. */
export function Problems({ problems, look, ago }: Props) {
  return problems.length === 0 ? null : (
    <ul className={styles.list} aria-label={labels[look]}>
      {problems.map(({ code, severity, sentence, whatToDo, wiki }) => (
        <li key={code} className={styles.problem} data-look={look}>
          <Icon name={look === 'urgent' ? 'warning' : 'info'} />
          <p className={styles.kind}>
            {look === 'urgent' ? `${words.kinds['needs-you']} · ${words.severities[severity]}` : look === 'past' ? words.needed : words.note}
            {ago === null ? null : ` · ${ago}`}
          </p>
          <p className={styles.words}>{sentence}</p>
          {whatToDo === null ? null : <p className={styles.advice}>{whatToDo}</p>}
          {code === null ? null : <CodeLine code={code} wiki={wiki} />}
        </li>
      ))}
    </ul>
  );
}

/** A code to take along, and the maker's page on it. */
export function CodeLine({ code, wiki }: Pick<PrinterProblem, 'code' | 'wiki'>) {
  return (
    <p className={styles.more}>
      <CopyButton text={code} label={words.copyCode(code)} words={texts.copy} />
      {wiki === null ? null : (
        <a className={styles.link} href={wiki} target="_blank" rel="noreferrer" aria-label={words.wikiOf(code)}>
          {words.wiki}
          <Icon name="link" size={16} />
        </a>
      )}
    </p>
  );
}
