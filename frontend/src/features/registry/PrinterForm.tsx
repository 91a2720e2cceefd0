import { type FocusEvent, type ReactNode, type SubmitEvent, useEffect, useRef, useState } from 'react';
import type { Draft } from '@/api/printers';
import { Problem, sentenceOf } from '@/api/problem';
import type { Printer } from '@/api/schemas';
import { texts } from '@/texts/en';
import { Button } from '@/ui/Button';
import { Field } from '@/ui/Field';
import { Notice } from '@/ui/Notice';
import { AccessCodeField } from './AccessCodeField';
import styles from './PrinterForm.module.css';
import { type FieldErrors, type FieldName, draftOf, mistakeIn, mistakes, refusedFields, typedIn } from './draft';

interface Props {
  /** The printer as it is saved; `null` for a new one. */
  readonly saved: Printer | null;
  /** Resolves when the service took the draft; its refusal is shown here. */
  readonly onSubmit: (draft: Draft) => Promise<unknown>;
  readonly onCancel: () => void;
  readonly end?: ReactNode;
}

interface Trouble {
  readonly summary: string | null;
  readonly fields: FieldErrors;
}

const noTrouble: Trouble = { summary: null, fields: {} };
const words = texts.form;

/** Adds or edits a printer. What was typed stays, whatever the service says to it. */
export function PrinterForm({ saved, onSubmit, onCancel, end }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const [trouble, setTrouble] = useState(noTrouble);
  const [refusals, setRefusals] = useState(0);
  const [busy, setBusy] = useState(false);
  const needsCode = saved === null;
  const hasMore = saved !== null && (saved.rtspUrl !== null || saved.cameraFingerprint !== null);
  const moreIsWrong = trouble.fields.rtspUrl !== undefined || trouble.fields.cameraFingerprint !== undefined;

  useEffect(() => {
    if (refusals > 0) {
      form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
    }
  }, [refusals]);

  const refuse = (summary: string | null, fields: FieldErrors) => {
    setTrouble({ summary, fields });
    setRefusals((n) => n + 1);
  };

  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = typedIn(event.currentTarget);
    const wrong = mistakes(typed, needsCode);
    if (Object.keys(wrong).length > 0) {
      refuse(words.summary, wrong);
      return;
    }
    setBusy(true);
    setTrouble(noTrouble);
    try {
      await onSubmit(draftOf(typed));
    } catch (thrown) {
      refuse(sentenceOf(thrown), thrown instanceof Problem ? refusedFields(thrown.fields) : {});
    } finally {
      setBusy(false);
    }
  };

  /** On leaving a field that holds something: an empty one is not wrong before the form is sent. */
  const check = (field: FieldName, event: FocusEvent<HTMLInputElement>) => {
    const value = event.target.value.trim();
    const mistake = value === '' ? undefined : (mistakeIn(field, value, needsCode) ?? undefined);
    setTrouble(({ summary, fields: { [field]: _before, ...others } }) => ({
      summary,
      fields: mistake === undefined ? others : { ...others, [field]: mistake },
    }));
  };

  const about = (field: FieldName) => ({
    name: field,
    error: trouble.fields[field],
    onBlur: (event: FocusEvent<HTMLInputElement>) => check(field, event),
  });
  const plain = { autoComplete: 'off', autoCapitalize: 'off', autoCorrect: 'off', spellCheck: false } as const;

  return (
    <form ref={form} className={styles.form} noValidate onSubmit={(event) => void submit(event)}>
      {trouble.summary === null ? null : <Notice>{trouble.summary}</Notice>}
      <Field {...about('name')} label={words.name} hint={words.nameHint} defaultValue={saved?.name} autoComplete="off" />
      <Field {...about('host')} {...plain} label={words.host} hint={words.hostHint} defaultValue={saved?.host} inputMode="url" />
      <Field {...about('serial')} {...plain} label={words.serial} hint={words.serialHint} defaultValue={saved?.serial} className={styles.upper} />
      <AccessCodeField {...about('accessCode')} isSaved={saved !== null} />
      <details className={styles.more} open={hasMore || moreIsWrong}>
        <summary>{words.more}</summary>
        <Field {...about('rtspUrl')} {...plain} label={words.rtspUrl} hint={words.rtspUrlHint} defaultValue={saved?.rtspUrl ?? ''} inputMode="url" />
        <Field
          {...about('cameraFingerprint')}
          {...plain}
          label={words.fingerprint}
          hint={words.fingerprintHint}
          defaultValue={saved?.cameraFingerprint ?? ''}
        />
      </details>
      <div className={styles.buttons}>
        <Button type="submit" look="primary" disabled={busy}>
          {saved === null ? (busy ? words.adding : words.add) : busy ? words.saving : words.save}
        </Button>
        <Button onClick={onCancel}>{words.cancel}</Button>
        {end}
      </div>
    </form>
  );
}
