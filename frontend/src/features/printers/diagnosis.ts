/** A test as text that may be posted anywhere: no access code is ever near it, and serial numbers are shortened. */
import { texts } from '@/texts';
import { took } from '@/texts/format';
import { type TestRun, summaryOf } from './testRun/testRun';

interface About {
  readonly name: string;
  readonly serial: string | null;
}

/** Keeps the part that tells the model, and enough to distinguish two printers. */
export const shortSerial = (serial: string): string => `${serial.slice(0, 3)}…${serial.slice(-3)}`;

/** Serial numbers stand in sentences, too, such as that of another printer that answered. */
const serialLike = /\b(?=[0-9A-Z]*[0-9])[0-9A-Z]{10,20}\b/gu;

export function diagnosisOf(testRun: TestRun, { name, serial }: About, now: Date): string {
  const words = texts.diagnose;
  const head = [
    words.textTitle(name),
    ...(serial === null ? [] : [words.textSerial(shortSerial(serial))]),
    words.textTime(now.toISOString()),
    summaryOf(testRun),
    '',
  ];
  const lines = testRun.stages.map((stage, place) => {
    const time = stage.ms === null ? '' : `, ${took(stage.ms)}`;
    const said = stage.sentence === null ? '' : `\n   ${stage.sentence}`;
    return `${place + 1}. ${texts.stages.names[stage.name]}: ${texts.stages.states[stage.state]}${time}${said}`;
  });
  return [...head, ...lines].join('\n').replaceAll(serialLike, shortSerial);
}
