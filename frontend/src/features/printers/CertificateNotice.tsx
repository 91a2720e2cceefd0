import { useEffect, useRef, useState } from 'react';
import { acceptCertificate } from '@/api/certificate';
import { sentenceOf } from '@/api/problem';
import type { Printer } from '@/api/schemas';
import { useAction } from '@/base/useAction';
import { texts } from '@/texts';
import { Button } from '@/ui/Button';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { Notice } from '@/ui/Notice';
import styles from './CertificateNotice.module.css';

const words = texts.certificate;

interface Props {
  readonly printer: Printer;
  /** Who shows it; `null` where nobody does any more. */
  readonly whose: keyof typeof words.titles | null;
}

/** Explains a certificate that has changed, and accepts it when a person says so twice. */
export function CertificateNotice({ printer, whose }: Props) {
  const [isAsked, setIsAsked] = useState(false);
  const acceptance = useAction(async () => {
    await acceptCertificate(printer.id);
    setIsAsked(false);
  });
  if (acceptance.isDone) {
    return <Accepted />;
  }
  return whose === null ? null : (
    <div className={styles.root}>
      <Notice action={<Button onClick={() => setIsAsked(true)}>{words.accept}</Button>}>
        <strong className={styles.title}>{words.titles[whose]}</strong>
        {words.why}
      </Notice>
      {isAsked ? (
        <ConfirmDialog
          title={words.question(printer.name)}
          keep={words.keep}
          confirm={acceptance.isPending ? words.accepting : words.accept}
          busy={acceptance.isPending}
          onKeep={() => setIsAsked(false)}
          onConfirm={() => acceptance.start()}
        >
          <p>{words.text}</p>
          {acceptance.error === null ? null : <Notice>{sentenceOf(acceptance.error)}</Notice>}
        </ConfirmDialog>
      ) : null}
    </div>
  );
}

/** The button that had the focus is gone, so this text takes the focus. */
function Accepted() {
  const news = useRef<HTMLParagraphElement>(null);
  useEffect(() => news.current?.focus(), []);
  return (
    <p ref={news} className={`${styles.root} ${styles.accepted}`} tabIndex={-1}>
      {words.accepted}
    </p>
  );
}
