import { expect, it } from 'vitest';
import { texts } from '@/texts';
import { advance, begun } from './testRun/testRun';
import { diagnosisOf } from './diagnosis';

const serial = '00M09A000000001';
const other = '01P00A000000009';

it('a diagnosis says what was tried, with no serial number in full', () => {
  const testRun = [
    { type: 'stage', stage: 'address', state: 'passed', ms: 4, sentence: 'It answers at 192.168.1.10.', foundSerial: null },
    { type: 'stage', stage: 'certificate', state: 'failed', ms: 1_234, sentence: `This is ${other}, not ${serial}.`, foundSerial: other },
    { type: 'done', state: 'failed' },
  ] as const;
  const text = diagnosisOf(testRun.reduce(advance, begun), { name: 'Garage', serial }, new Date(0));
  expect(text).toContain(`${texts.stages.names.certificate}: ${texts.stages.states.failed}, 1.2 s`);
  expect(text).toContain('This is 01P…009, not 00M…001.');
  expect(text).toContain('192.168.1.10');
  expect(text).not.toContain(serial);
  expect(text).not.toContain(other);
});
