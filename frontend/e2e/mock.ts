/**
 * A service of which a test decides what it says: the built page, the API's answers, and a stream of events. It shows
 * the page in states that a real printer takes hours to get into. Not a judge of the service: `page.e2e.ts` is.
 */
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Camera } from '@/api/document.gen';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const types: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml', png: 'image/png', webmanifest: 'application/manifest+json' };

/** As much of it as a test needs, in the service's own words. */
export type MockCamera = Pick<Camera, 'step' | 'sentence'> & Partial<Camera>;

export interface MockPrinter {
  readonly id: number;
  readonly name: string;
  /** As `GET …/status` has it. */
  status: Record<string, unknown>;
  /** As `GET …/camera` has it; without, one that does not answer. */
  camera?: MockCamera;
  /** The newest key frame as a film; without, there never was one. */
  still?: MockStill;
  /** The newest picture of a camera that sends single ones: a JPEG. */
  jpeg?: MockStill;
  /** Beside what every printer has in `GET /api/printers`. */
  saved?: Record<string, unknown>;
  /** As `GET …/history` has it; without, none was kept. */
  history?: Record<string, unknown>;
}

export interface MockStill {
  readonly film: Buffer;
  readonly takenMs: number;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** What a command is answered with, and what it changes. */
export type Answer = (command: Record<string, unknown>, printer: MockPrinter) => Reply | Promise<Reply>;

export const away: MockCamera = { step: 'retrying', sentence: 'The camera does not answer; trying again.' };

const heartbeatMs = 15_000;

export class MockService {
  readonly commands: Record<string, unknown>[] = [];
  printers: readonly MockPrinter[] = [];
  answer: Answer = () => ({ status: 200, body: { ok: true, accepted: true, happened: false } });
  stillsAsked = 0;
  picturesAsked = 0;
  /** Streams are asked for and never answered; otherwise there are none. */
  holdsStreams = false;
  /** Answers what this service does not know; `true` where it has. */
  also: (path: string, request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  /** A proxy that keeps events to itself. */
  holdsBack = false;
  /** Of the page that is served: in its head and in the first event. */
  build = 'one';
  /** Where the page is that is served. */
  dist = dist;
  /** The files of the page as it was before an upgrade are gone, until somebody opens the new one. */
  #replaced = false;
  #port = 0;
  readonly #streams = new Set<ServerResponse>();
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response));

  async start(): Promise<string> {
    await this.#listen();
    // As the service does: a stream that says nothing at all is taken for one that is held back.
    setInterval(() => this.#streams.forEach((stream) => stream.write(':\n\n')), heartbeatMs).unref();
    return `http://127.0.0.1:${this.#port}`;
  }

  async #listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Nobody answers, as while the service restarts, until `comeBack`. */
  async goAway(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async comeBack(): Promise<void> {
    if (!this.#server.listening) {
      await this.#listen();
    }
  }

  /** Another build of the page is served from now on. */
  upgrade(build: string): void {
    this.build = build;
    this.#replaced = true;
    this.hangUp();
  }

  /** Changes what a printer does, and tells everybody. */
  set(id: number, news: Record<string, unknown>): void {
    const printer = this.#printer(id);
    printer.status = { ...printer.status, lastUpdate: new Date().toISOString(), ...news };
    this.#tell('printer', { id, status: printer.status });
  }

  setCamera(id: number, camera: MockCamera): void {
    this.#printer(id).camera = camera;
    this.#tell('camera', { id, camera });
  }

  /** Another picture of a camera that sends single ones, of which everybody is told unless the stream `isSilent`. */
  setPicture(id: number, file: Buffer, { takenMs = Date.now(), isSilent = false } = {}): void {
    this.#printer(id).jpeg = { film: file, takenMs };
    if (!isSilent) {
      this.#tell('picture', { id, time: new Date(takenMs).toISOString(), tag: `${takenMs}` });
    }
  }

  /** Ends all streams, as a restart does. */
  hangUp(): void {
    for (const stream of this.#streams) {
      stream.destroy();
    }
  }

  #printer(id: number): MockPrinter {
    const printer = this.printers.find((other) => other.id === id);
    if (printer === undefined) {
      throw new Error(`There is no printer ${id}.`);
    }
    return printer;
  }

  #tell(event: string, data: unknown, streams: Iterable<ServerResponse> = this.#streams): void {
    for (const stream of streams) {
      stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://mock').pathname;
    const [, api, list, id, what] = path.split('/');
    const json = (status: number, body: unknown) => {
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (this.also(path, request, response)) {
      return;
    }
    if (path === '/api/events') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
      if (!this.holdsBack) {
        this.#streams.add(response);
        response.on('close', () => this.#streams.delete(response));
        this.#tell('snapshot', { build: this.build, printers: this.printers.map(entryOf) }, [response]);
      }
    } else if (api === 'api' && list === 'printers' && id === undefined) {
      json(200, this.printers.map(savedOf));
    } else if (api === 'api' && list === 'printers' && what === undefined && this.printers.some((printer) => printer.id === Number(id))) {
      json(200, savedOf(this.#printer(Number(id))));
    } else if (api === 'api' && list === 'printers' && what !== undefined && this.printers.every((printer) => printer.id !== Number(id))) {
      json(404, { ok: false, error: 'There is no such printer.' });
    } else if (api === 'api' && what === 'camera') {
      json(200, this.#printer(Number(id)).camera ?? away);
    } else if (api === 'hls' && this.holdsStreams) {
      request.resume();
    } else if (api === 'api' && what === 'still.mp4') {
      this.stillsAsked += 1;
      still(this.#printer(Number(id)).still, 'video/mp4', request.headers['if-none-match'], response);
    } else if (api === 'api' && what === 'still.jpg') {
      this.picturesAsked += 1;
      still(this.#printer(Number(id)).jpeg, 'image/jpeg', request.headers['if-none-match'], response);
    } else if (api === 'api' && what === 'history') {
      const { history } = this.#printer(Number(id));
      json(history === undefined ? 404 : 200, history ?? { ok: false, error: 'There is no history.' });
    } else if (api === 'api' && what === 'status') {
      json(200, this.#printer(Number(id)).status);
    } else if (api === 'api' && what === 'command') {
      const command = JSON.parse(await textOf(request)) as Record<string, unknown>;
      this.commands.push(command);
      const { status, body } = await this.answer(command, this.#printer(Number(id)));
      json(status, body);
    } else {
      await this.#page(path, request, response);
    }
  }

  async #page(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers['sec-fetch-dest'] === 'document') {
      this.#replaced = false;
    }
    if (this.#replaced && path.startsWith('/assets/')) {
      response.writeHead(404).end();
    } else {
      await page(path, this.dist, this.build, response);
    }
  }
}

/** As the service keeps it, secrets and all: the page has to know what to do with them. */
const savedOf = ({ id, name, saved }: MockPrinter) => ({
  id,
  name,
  host: `192.168.1.${10 + id}`,
  serial: `00M09A${String(id).padStart(9, '0')}`,
  accessCode: '13572468',
  rtspUrl: null,
  cameraFingerprint: null,
  ...saved,
});

const entryOf = ({ id, name, status, camera = away }: MockPrinter) => ({ id, name, status, camera });

function still(newest: MockStill | undefined, type: string, tag: string | undefined, response: ServerResponse): void {
  const current = `"${newest?.takenMs}"`;
  if (newest === undefined) {
    response.writeHead(503, { 'Content-Type': 'application/json', 'Retry-After': '2' });
    response.end(JSON.stringify({ ok: false, error: away.sentence }));
  } else if (tag === current) {
    response.writeHead(304, { ETag: current }).end();
  } else {
    response.writeHead(200, { 'Content-Type': type, ETag: current, 'X-Picture-Time': new Date(newest.takenMs).toISOString() });
    response.end(newest.film);
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

async function page(path: string, folder: string, build: string, response: ServerResponse): Promise<void> {
  const file = /\.\w+$/u.test(path) ? path : '/index.html';
  const extension = file.split('.').at(-1) ?? '';
  try {
    const body = await readFile(folder + file);
    response.writeHead(200, {
      'Content-Type': types[extension] ?? 'application/octet-stream',
      // As strict as the service is: what breaks there has to break here.
      'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; manifest-src 'self'",
    });
    response.end(extension === 'html' ? body.toString().replace(/(?<=<meta name="build" content=")\w+/u, build) : body);
  } catch {
    response.writeHead(404).end();
  }
}
