import { type SubmitEvent, useState } from 'react';
import type { Found, FoundPrinter } from '@/api/found';
import { sentenceOf } from '@/api/problem';
import type { Printer } from '@/api/schemas';
import { useSpoken } from '@/base/speech';
import { texts } from '@/texts';
import { Button } from '@/ui/Button';
import styles from './FoundPrinters.module.css';
import { FoundRow, type RowState } from './FoundRow';
import { ScanNetwork } from './ScanNetwork';
import { draftOfFound, inTurns, testThenAdd } from './addFound';
import { useFound } from './useFound';

interface Props {
  readonly printers: readonly Printer[];
  readonly onAdded: (printer: Printer) => void;
  /** All that were chosen are added. */
  readonly onDone: (added: readonly Printer[]) => void;
}

const words = texts.found;
const idle: RowState = { kind: 'idle' };

/** The printers of the network. Whoever takes some of them types a code for each, and adds them all at once. */
export function FoundPrinters({ printers, onAdded, onDone }: Props) {
  const found = useFound();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [states, setStates] = useState<ReadonlyMap<string, RowState>>(new Map());
  const [busy, setBusy] = useState(false);
  const put = (serial: string, state: RowState) => setStates((before) => new Map(before).set(serial, state));
  const shown = rowsOf(found, printers);
  const savedAs = ({ serial, printerId }: FoundPrinter) => printers.find((printer) => printer.serial === serial || printer.id === printerId) ?? null;
  const open = shown.filter((each) => each.printerId === null && savedAs(each) === null);
  const wanted = open.filter(({ serial }) => chosen.has(serial));
  useSpoken(found === null || found.printers.length === 0 ? null : words.count(found.printers.length));

  const choose = (serial: string, isChosen: boolean) => {
    const next = new Set(chosen);
    (isChosen ? next.add(serial) : next.delete(serial)) satisfies unknown;
    setChosen(next);
    put(serial, idle);
  };

  const add = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const codes = new FormData(form);
    const codeOf = ({ serial }: FoundPrinter) => String(codes.get(serial) ?? '').trim();
    const empty = wanted.filter((each) => codeOf(each) === '');
    empty.forEach(({ serial }) => put(serial, { kind: 'failed', sentence: texts.form.required.accessCode }));
    if (empty[0] !== undefined) {
      form.querySelector<HTMLInputElement>(`input[name="${CSS.escape(empty[0].serial)}"]`)?.focus();
      return;
    }
    const taken = printers.map(({ name }) => name);
    const added: Printer[] = [];
    const drafts = wanted.map((each) => {
      const draft = draftOfFound(each, codeOf(each), taken);
      taken.push(draft.name);
      return draft;
    });
    setBusy(true);
    await inTurns(drafts, async (draft) => {
      put(draft.serial, { kind: 'testing' });
      try {
        const printer = await testThenAdd(draft);
        added.push(printer);
        put(draft.serial, { kind: 'added' });
        onAdded(printer);
      } catch (thrown) {
        put(draft.serial, { kind: 'failed', sentence: sentenceOf(thrown) });
      }
    });
    setBusy(false);
    setChosen(new Set(drafts.map(({ serial }) => serial).filter((serial) => added.every((printer) => printer.serial !== serial))));
    if (added.length === drafts.length) {
      onDone(added);
    }
  };

  return (
    <section className={styles.found} aria-labelledby="found">
      <header className={styles.head}>
        <h2 id="found">{words.title}</h2>
        <p className={styles.looking} aria-hidden="true">
          {words.looking}
        </p>
      </header>
      {found?.deaf == null || shown.length > 0 ? null : <p className={styles.deaf}>{found.deaf.sentence}</p>}
      {shown.length > 0 || found?.deaf != null ? null : <p className={styles.none}>{words.none}</p>}
      {shown.length === 0 ? null : (
        <form className={styles.form} noValidate onSubmit={(event) => void add(event)}>
          <ul className={styles.list} aria-label={words.title}>
            {shown.map((each) => (
              <FoundRow
                key={each.serial}
                found={each}
                saved={savedAs(each)}
                isChosen={chosen.has(each.serial)}
                isBusy={busy}
                state={states.get(each.serial) ?? idle}
                onChoose={(isChosen) => choose(each.serial, isChosen)}
              />
            ))}
          </ul>
          {open.length === 0 ? null : (
            <Button type="submit" look={wanted.length > 0 ? 'primary' : 'plain'} disabled={busy || wanted.length === 0} className={styles.add}>
              {busy ? texts.form.adding : words.add(wanted.length)}
            </Button>
          )}
        </form>
      )}
      {found === null ? null : <ScanNetwork networks={found.networks} scan={found.scan} isOpen={found.deaf !== null && shown.length === 0} />}
    </section>
  );
}

/** Those that can be added come first. A printer that was added here a moment ago is known before the service says so. */
function rowsOf(found: Found | null, printers: readonly Printer[]): readonly FoundPrinter[] {
  const isHere = (each: FoundPrinter): boolean => each.printerId !== null || printers.some(({ serial }) => serial === each.serial);
  return (found?.printers ?? []).toSorted((a, b) => Number(isHere(a)) - Number(isHere(b)));
}
