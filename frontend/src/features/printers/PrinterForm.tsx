import { type FocusEvent, type InputEvent, type ReactNode, type SubmitEvent, useEffect, useRef, useState } from 'react';
import type { Draft } from '@/api/printers';
import { Problem, sentenceOf } from '@/api/problem';
import type { Printer } from '@/api/schemas';
import { testOfDraft } from '@/api/stages';
import { texts } from '@/texts';
import { Field } from '@/ui/Field';
import { Notice } from '@/ui/Notice';
import details from '@/ui/Details.module.css';
import { FormButtons } from './FormButtons';
import { FormTest } from './FormTest';
import styles from './PrinterForm.module.css';
import { SecretField } from './SecretField';
import { WhereToFind } from './WhereToFind';
import { type FieldErrors, type FieldName, type Rules, draftOf, mistakeIn, mistakes, namesOtherHost, refusedFields, typedIn } from './typed/draft';
import { nameFor } from '@/fleet/models';
import { useKeptTyping } from './typed/useKeptTyping';
import { useGreeting } from './typed/useGreeting';
import { useTestRun } from './testRun/useTestRun';

interface Props {
  /** The printer as it is saved; `null` for a new one. */
  readonly saved: Printer | null;
  /** The printers that are there, without this one. */
  readonly others: readonly Printer[];
  /** Resolves when the service took the draft; its refusal is shown here. `next`: another one is to follow. */
  readonly onSubmit: (draft: Draft, next: boolean) => Promise<unknown>;
  readonly onCancel: () => void;
  readonly end?: ReactNode;
}

interface Trouble {
  readonly summary: string | null;
  readonly fields: FieldErrors;
}

const noTrouble: Trouble = { summary: null, fields: {} };
/** What is folded until it is used. */
const more = ['rtspUrl', 'cameraUser', 'cameraPassword', 'cameraFingerprint'] as const satisfies readonly FieldName[];
const words = texts.form;

/** Adds or edits a printer. What was typed stays, whatever the service says to it. */
export function PrinterForm({ saved, others, onSubmit, onCancel, end }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const { initial, isRestored, forget: forgetTyping } = useKeptTyping(form, saved);
  const { testRun, run, forget } = useTestRun();
  const [trouble, setTrouble] = useState(noTrouble);
  const [refusals, setRefusals] = useState(0);
  const [busy, setBusy] = useState(false);
  const rules: Rules = { saved, needsName: true, needsSerial: saved !== null, others };
  const [greeting, greetAt] = useGreeting();
  const [hasOtherHost, setHasOtherHost] = useState(() => namesOtherHost(initial));
  const isOpen = more.some((name) => initial[name] !== '' || trouble.fields[name] !== undefined);

  useEffect(() => {
    if (refusals > 0) {
      form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
    }
  }, [refusals]);

  const refuse = (summary: string | null, fields: FieldErrors) => {
    setTrouble({ summary, fields });
    setRefusals((n) => n + 1);
  };
  const refuseProblem = (thrown: unknown) => refuse(sentenceOf(thrown), thrown instanceof Problem ? refusedFields(thrown.fields) : {});

  /** The draft, or `null` and the form says why there is none. */
  const checked = (needsName: boolean): Draft | null => {
    if (form.current === null) {
      return null;
    }
    const typed = typedIn(form.current);
    const wrong = mistakes(typed, { ...rules, needsName });
    if (Object.keys(wrong).length > 0) {
      refuse(words.summary, wrong);
      return null;
    }
    setTrouble(noTrouble);
    return draftOf(typed, saved);
  };

  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { submitter } = event.nativeEvent;
    const draft = checked(true);
    if (draft === null) {
      return;
    }
    setBusy(true);
    try {
      await onSubmit(draft, submitter instanceof HTMLButtonElement && submitter.value === 'next');
      forgetTyping();
    } catch (thrown) {
      refuseProblem(thrown);
    } finally {
      setBusy(false);
    }
  };

  const test = async () => {
    const draft = checked(false);
    if (draft === null) {
      return;
    }
    const problem = await run(testOfDraft({ ...draft, id: saved?.id ?? null }));
    if (problem !== null && Object.keys(problem.fields).length > 0) {
      forget();
      refuseProblem(problem);
    }
  };

  const field = (name: FieldName) => form.current?.querySelector<HTMLInputElement>(`[name="${name}"]`) ?? null;
  const put = (name: FieldName, value: string) => {
    const input = field(name);
    if (input !== null) {
      input.value = value;
    }
  };

  const putName = (serial: string) => {
    if (field('name')?.value.trim() === '') {
      put('name', nameFor(serial, others.map((other) => other.name)));
    }
  };

  /** What a person types meanwhile stands. */
  const readSerial = async (host: string) => {
    const serial = await greetAt(host);
    if (serial !== null && field('serial')?.value.trim() === '' && field('host')?.value.trim() === host) {
      put('serial', serial);
      // Whoever was about to type it replaces it, instead of adding to it.
      if (field('serial') === document.activeElement) {
        field('serial')?.select();
      }
      putName(serial);
      const taken = mistakeIn('serial', serial, rules);
      setTrouble(({ summary, fields: { serial: _before, ...rest } }) => ({ summary, fields: taken === null ? rest : { ...rest, serial: taken } }));
    }
  };

  const takeSerial = (serial: string) => {
    put('serial', serial);
    void test();
  };

  /** On leaving a field that holds something: an empty one is not wrong before the form is sent. */
  const check = (name: FieldName, event: FocusEvent<HTMLInputElement>) => {
    const value = event.target.value.trim();
    const mistake = value === '' ? undefined : (mistakeIn(name, value, rules) ?? undefined);
    setTrouble(({ summary, fields: { [name]: _before, ...rest } }) => ({
      summary,
      fields: mistake === undefined ? rest : { ...rest, [name]: mistake },
    }));
    if (name === 'serial') {
      putName(value);
    }
    if (name === 'host' && saved === null && mistake === undefined && value !== '' && field('serial')?.value.trim() === '') {
      void readSerial(value);
    }
  };

  /** A test of what was typed before says nothing of what is typed now. */
  const changed = (event: InputEvent<HTMLFormElement>) => {
    if (event.target instanceof HTMLInputElement && event.target.name !== 'name') {
      forget();
      setHasOtherHost(namesOtherHost(typedIn(event.currentTarget)));
    }
  };

  const about = (name: FieldName) => ({
    name,
    defaultValue: initial[name],
    error: trouble.fields[name],
    onBlur: (event: FocusEvent<HTMLInputElement>) => check(name, event),
  });
  const plain = { autoComplete: 'off', autoCapitalize: 'off', autoCorrect: 'off', spellCheck: false } as const;

  return (
    <form ref={form} className={styles.form} noValidate onSubmit={(event) => void submit(event)} onInput={changed}>
      {trouble.summary === null ? null : <Notice>{trouble.summary}</Notice>}
      {isRestored ? <output className={styles.restored}>{saved === null ? `${words.restored} ${words.restoredMore}` : words.restored}</output> : null}
      <WhereToFind />
      <Field {...about('host')} {...plain} label={words.host} hint={words.hostHint} inputMode="url" />
      <Field {...about('serial')} {...plain} label={words.serial} hint={saved === null ? (greeting ?? words.serialMayBeRead) : words.serialHint} className={styles.upper} />
      <SecretField
        {...about('accessCode')}
        label={words.accessCode}
        hint={words.accessCodeHint}
        keep={words.keep}
        lengthOf={words.codeLength}
        isSaved={saved !== null}
      />
      <Field {...about('name')} label={words.name} hint={words.nameHint} autoComplete="off" />
      <details className={`${details.details} ${styles.more}`} open={isOpen}>
        <summary>{words.more}</summary>
        <Field {...about('rtspUrl')} {...plain} label={words.rtspUrl} hint={words.rtspUrlHint} inputMode="url" />
        {hasOtherHost ? (
          <>
            <Field {...about('cameraUser')} {...plain} label={words.cameraUser} hint={words.cameraUserHint} />
            <SecretField
              {...about('cameraPassword')}
              label={words.cameraPassword}
              hint={words.cameraPasswordHint}
              keep={words.keepPassword}
              isSaved={(saved?.cameraUser ?? '') !== ''}
            />
          </>
        ) : null}
        <Field {...about('cameraFingerprint')} {...plain} label={words.fingerprint} hint={hasOtherHost ? words.fingerprintOther : words.fingerprintHint} />
      </details>
      <FormTest testRun={testRun} isNew={saved === null} onTest={() => void test()} onStop={forget} onTakeSerial={takeSerial} />
      <FormButtons isNew={saved === null} outcome={testRun?.outcome ?? null} busy={busy} onCancel={onCancel} end={end} />
    </form>
  );
}
