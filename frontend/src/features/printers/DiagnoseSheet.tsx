import { useEffect, useState } from 'react';
import { testOfPrinter } from '@/api/stages';
import { usePrinters } from '@/fleet/printerList';
import { texts } from '@/texts';
import { Button } from '@/ui/Button';
import { Icon } from '@/ui/Icon';
import { Sheet } from '@/ui/Sheet';
import { copyText } from '@/ui/clipboard';
import styles from './DiagnoseSheet.module.css';
import { StageList } from './testRun/StageList';
import { type Diagnosed, diagnose } from './diagnosing';
import { diagnosisOf } from './diagnosis';
import { type TestRun, isRunning } from './testRun/testRun';
import { useTestRun } from './testRun/useTestRun';

const words = texts.diagnose;

/** The whole way to a printer, tried once more, and what to do where it ends. */
export function DiagnoseSheet({ printer }: { readonly printer: Diagnosed }) {
  const { testRun, run } = useTestRun();
  useEffect(() => {
    void run(testOfPrinter(printer.id));
  }, [run, printer.id]);
  return (
    <Sheet
      title={words.title(printer.name)}
      onClose={() => diagnose(null)}
      buttons={
        testRun === null || isRunning(testRun) ? undefined : (
          <>
            <Button onClick={() => void run(testOfPrinter(printer.id))}>{texts.stages.again}</Button>
            <CopyDiagnosis testRun={testRun} printer={printer} />
          </>
        )
      }
    >
      <p className={styles.lead}>{words.lead}</p>
      {testRun === null ? null : <StageList testRun={testRun} />}
    </Sheet>
  );
}

function CopyDiagnosis({ testRun, printer }: { readonly testRun: TestRun; readonly printer: Diagnosed }) {
  const [copied, setCopied] = useState(false);
  const [byHand, setByHand] = useState<string | null>(null);
  const printers = usePrinters();
  const copy = async () => {
    const serial = printers.find(({ id }) => id === printer.id)?.serial ?? null;
    const text = diagnosisOf(testRun, { name: printer.name, serial }, new Date());
    if (await copyText(text)) {
      setCopied(true);
    } else {
      setByHand(text);
    }
  };
  return (
    <>
      {byHand === null ? null : (
        <label className={styles.byHand}>
          {words.byHand}
          <textarea readOnly rows={6} value={byHand} onFocus={(event) => event.target.select()} />
        </label>
      )}
      <Button look="primary" onClick={() => void copy()}>
        <Icon name="copy" size={18} />
        {copied ? words.copied : words.copy}
      </Button>
      <output className="spoken">{copied ? words.copied : ''}</output>
    </>
  );
}
