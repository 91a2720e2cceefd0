import { useEffect, useRef } from 'react';
import { texts } from '@/texts';
import { Button } from '@/ui/Button';
import { Icon } from '@/ui/Icon';
import styles from './PrinterForm.module.css';
import { StageList } from './testRun/StageList';
import { type Stage, type TestRun, isRunning } from './testRun/testRun';

interface Props {
  readonly testRun: TestRun | null;
  readonly isNew: boolean;
  readonly onTest: () => void;
  readonly onStop: () => void;
  readonly onTakeSerial: (serial: string) => void;
}

const words = texts.form;

/** Tries what is typed, before or instead of saving it. */
export function FormTest({ testRun, isNew, onTest, onStop, onTakeSerial }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const running = testRun !== null && isRunning(testRun);
  useEffect(() => {
    if (running) {
      list.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [running]);
  const cure = ({ foundSerial }: Stage) =>
    foundSerial === null || running ? null : <Button onClick={() => onTakeSerial(foundSerial)}>{words.takeSerial(foundSerial)}</Button>;
  return (
    <div className={styles.testRun}>
      <Button look={isNew && testRun === null ? 'primary' : 'plain'} onClick={running ? onStop : onTest}>
        <Icon name="test" size={18} />
        {running ? words.stopTest : testRun === null ? words.test : texts.stages.again}
      </Button>
      {testRun === null ? null : (
        <div ref={list}>
          <StageList testRun={testRun} cure={cure} />
        </div>
      )}
    </div>
  );
}
