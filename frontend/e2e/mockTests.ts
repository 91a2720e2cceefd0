/** Tests of printers as the service streams them, with every outcome, at the pace a test wants. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { stageNames } from '@/api/stages';

export const foundSerial = '01P00A000000009';
type Outcome = 'passed' | 'warned' | 'failed' | 'skipped';
type Course = readonly (readonly [stage: string, outcome: Outcome, ms: number | null, sentence?: string, foundSerial?: string])[];

const begin: Course = [
  ['address', 'passed', 3],
  ['mqtt-port', 'passed', 12],
];

export const courses = {
  passed: [
    ...begin,
    ['certificate', 'passed', 84, 'Bambu Lab made this certificate, for this serial number.'],
    ['access-code', 'passed', 61],
    ['first-report', 'passed', 912, 'An X1 Carbon, firmware 01.08.02.00.'],
    ['commands', 'passed', 40],
    ['camera-port', 'passed', 9],
    ['key-frame', 'passed', 1_840, '1920 × 1080, 30 pictures a second.'],
  ],
  warned: [
    ...begin,
    ['certificate', 'passed', 84],
    ['access-code', 'passed', 61],
    ['first-report', 'passed', 912],
    ['commands', 'warned', 40, 'The printer takes pause and stop from Bambu’s own programs only. Turn Developer Mode on, on its screen under LAN Only Mode.'],
    ['camera-port', 'warned', 9, 'The camera is switched off. On the printer, turn on LAN Only Liveview under Settings → Network.'],
    ['key-frame', 'skipped', null],
  ],
  failed: [
    ...begin,
    ['certificate', 'passed', 84],
    ['access-code', 'failed', 61, 'The printer refuses the access code. Type the one on its screen; it changes each time LAN mode is switched.'],
    ['first-report', 'skipped', null],
    ['commands', 'skipped', null],
    ['camera-port', 'skipped', null],
    ['key-frame', 'skipped', null],
  ],
  otherPrinter: [
    ...begin,
    ['certificate', 'failed', 84, `Another printer answers at this address: ${foundSerial}.`, foundSerial],
    ['access-code', 'skipped', null],
    ['first-report', 'skipped', null],
    ['commands', 'skipped', null],
    ['camera-port', 'skipped', null],
    ['key-frame', 'skipped', null],
  ],
} satisfies Record<string, Course>;

export class MockTests {
  course: keyof typeof courses = 'passed';
  /** The stage at which a test waits until `goOn`. */
  holdsAt: string | null = null;
  readonly paths: string[] = [];
  readonly bodies: unknown[] = [];
  #goOn = new AbortController();

  goOn(): void {
    this.#goOn.abort();
    this.#goOn = new AbortController();
    this.holdsAt = null;
  }

  /** For `MockService.also`. */
  readonly answer = (path: string, request: IncomingMessage, response: ServerResponse): boolean => {
    if (!/^\/api\/printers(\/\d+)?\/test$/u.test(path)) {
      return false;
    }
    this.paths.push(path);
    void this.#stream(request, response);
    return true;
  };

  async #stream(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const text = Buffer.concat(chunks).toString();
    this.bodies.push(text === '' ? null : JSON.parse(text));
    const say = (type: string, data: unknown) => response.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    say('stages', { stages: stageNames });
    const course: Course = courses[this.course];
    for (const [stage, state, ms, sentence = null, found = null] of course) {
      say('stage', { stage, state: 'running', ms: null, sentence: null });
      if (this.holdsAt === stage) {
        await once(this.#goOn.signal, 'abort');
      }
      say('stage', { stage, state, ms, sentence, foundSerial: found });
    }
    const has = (outcome: Outcome) => course.some(([, state]) => state === outcome);
    say('done', { state: has('failed') ? 'failed' : has('warned') ? 'warned' : 'passed' });
    response.end();
  }
}
