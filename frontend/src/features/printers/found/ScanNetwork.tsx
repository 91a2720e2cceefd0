import { type SubmitEvent, useId, useState } from 'react';
import { type Found, type Scan, startScan, stopScan } from '@/api/found';
import { sentenceOf } from '@/api/problem';
import { useSpoken } from '@/base/speech';
import { texts } from '@/texts';
import { Button } from '@/ui/Button';
import details from '@/ui/Details.module.css';
import { Field } from '@/ui/Field';
import { Progress } from '@/ui/Progress';
import styles from './FoundPrinters.module.css';

interface Props {
  readonly networks: Found['networks'];
  readonly scan: Scan | null;
  /** Nothing else finds printers here. */
  readonly isOpen: boolean;
}

const words = texts.found;

/** Greets each address of a range that a person has seen and confirmed. */
export function ScanNetwork({ networks, scan, isOpen }: Props) {
  const list = useId();
  const [refusal, setRefusal] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const isRunning = scan?.state === 'running';
  useSpoken(scan === null || isRunning ? null : words.scanned(scan.state, scan.asked, scan.found));
  const act = async (action: () => Promise<unknown>) => {
    setBusy(true);
    setRefusal(null);
    await action().catch((thrown: unknown) => setRefusal(sentenceOf(thrown)));
    setBusy(false);
  };
  const start = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const range = String(new FormData(event.currentTarget).get('range') ?? '').trim();
    void act(() => startScan(range));
  };
  return (
    <details className={`${details.details} ${styles.scan}`} open={isOpen || isRunning || undefined}>
      <summary>{words.scan}</summary>
      <form className={styles.scanForm} noValidate onSubmit={start}>
        <p>{words.scanWhat}</p>
        <Field
          key={networks[0]?.range}
          name="range"
          list={list}
          label={words.range}
          hint={words.rangeHint}
          error={refusal ?? undefined}
          defaultValue={scan?.range ?? networks[0]?.range ?? ''}
          autoComplete="off"
          autoCorrect="off"
          spellCheck={false}
        />
        <datalist id={list}>
          {networks.map(({ range, addresses }) => (
            <option key={range} value={range}>
              {words.addresses(addresses)}
            </option>
          ))}
        </datalist>
        {scan === null ? null : (
          <div className={styles.progress}>
            <Progress label={words.scanProgress} percent={scan.addresses === 0 ? 100 : Math.round((100 * scan.asked) / scan.addresses)} />
            <p>{isRunning ? words.scanning(scan.asked, scan.addresses, scan.found) : words.scanned(scan.state, scan.asked, scan.found)}</p>
          </div>
        )}
        {isRunning ? (
          <Button disabled={busy} onClick={() => void act(stopScan)}>
            {words.stop}
          </Button>
        ) : (
          <Button type="submit" disabled={busy}>
            {words.start}
          </Button>
        )}
      </form>
    </details>
  );
}
