import { type ReactNode, useEffect, useState } from 'react';
import { texts } from '@/texts';
import { took } from '@/texts/format';
import { Icon, type IconName } from '@/ui/Icon';
import styles from './StageList.module.css';
import { type Stage, type TestRun, isRunning, summaryOf } from './testRun';

const words = texts.stages;
const signs: Readonly<Record<Stage['state'], IconName>> = {
  waiting: 'ring',
  running: 'ring',
  passed: 'check',
  warned: 'warning',
  failed: 'cross',
  skipped: 'minus',
};

interface Props {
  readonly testRun: TestRun;
  /** What a person can do about a stage, right there. */
  readonly cure?: (stage: Stage) => ReactNode;
}

/** A test while it runs and when it is over: each stage with its outcome, its time and what to do. */
export function StageList({ testRun, cure }: Props) {
  const tone = testRun.problem === null ? (testRun.outcome ?? 'running') : 'failed';
  return (
    <div className={styles.test}>
      <output className={styles.summary} data-tone={tone} aria-busy={isRunning(testRun)}>
        {summaryOf(testRun)}
      </output>
      <ol aria-label={words.title}>
        {testRun.stages.map((stage) => (
          <li key={stage.name} className={styles.stage} data-stage={stage.name} data-state={stage.state}>
            <span className={styles.sign}>
              <Icon name={signs[stage.state]} size={18} />
            </span>
            <span className={styles.name}>{words.names[stage.name]}</span>
            <span className="spoken">{words.states[stage.state]}</span>
            {stage.state === 'running' ? <Elapsed /> : <span className={styles.time}>{stage.ms === null ? '' : took(stage.ms)}</span>}
            {stage.sentence === null ? null : <p className={styles.sentence}>{stage.sentence}</p>}
            {cure === undefined ? null : cure(stage)}
          </li>
        ))}
      </ol>
    </div>
  );
}

/** A stage that takes long shows that it is still being tried. */
function Elapsed() {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((n) => n + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className={styles.time} aria-hidden="true">
      {seconds === 0 ? '…' : texts.time.seconds(String(seconds))}
    </span>
  );
}
