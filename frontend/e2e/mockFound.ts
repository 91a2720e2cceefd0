/** Printers that are found, and the scan that finds them, at the pace a test wants. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Found, FoundPrinter } from '@/api/document.gen';
import type { MockPrinter, MockService } from './mock';

export const a1 = found('03900A000000001', 'A1', '192.168.1.50', { camera: 'pictures' });
export const p2s = found('22E00A000000002', 'P2S', '192.168.1.51', { name: 'Workshop', camera: 'video' });

export function found(serial: string, model: string, host: string, more: Partial<FoundPrinter> = {}): FoundPrinter {
  return { serial, model, name: null, host, firmware: null, camera: null, printerId: null, heard: ['greeting'], lastSeen: new Date().toISOString(), ...more };
}

const nothingYet: Found = { listening: true, deaf: null, networks: [{ range: '192.168.1.0/24', addresses: 254, interface: 'eth0' }], scan: null, printers: [] };

export const container: NonNullable<Found['deaf']> = {
  code: 'found.container',
  params: {},
  sentence:
    'Platecast runs in a container, and no printer has been heard yet. Announcements reach a container only on the host’s network (network_mode: host). Without it, scan your network, or type the address.',
};

export class MockFound {
  readonly scans: unknown[] = [];
  readonly added: Record<string, unknown>[] = [];
  /** What an address is answered with that is asked for its certificate; nothing: it does not answer. */
  greeted: Record<string, unknown> | null = null;
  #found: Found = nothingYet;
  readonly #service: MockService;
  readonly #makePrinter: (id: number, name: string) => MockPrinter;
  readonly #streams = new Set<ServerResponse>();

  constructor(service: MockService, makePrinter: (id: number, name: string) => MockPrinter) {
    this.#service = service;
    this.#makePrinter = makePrinter;
  }

  set(news: Partial<Found>): void {
    this.#found = { ...this.#found, ...news };
    this.#streams.forEach((stream) => this.#tell(stream));
  }

  clear(): void {
    this.#found = nothingYet;
    this.greeted = null;
    this.scans.length = 0;
    this.added.length = 0;
  }

  #tell(stream: ServerResponse): void {
    stream.write(`event: found\ndata: ${JSON.stringify(this.#found)}\n\n`);
  }

  /** For `MockService.also`. */
  readonly answer = (path: string, request: IncomingMessage, response: ServerResponse): boolean => {
    const isAdding = path === '/api/printers' && request.method === 'POST';
    if (!path.startsWith('/api/found') && !isAdding) {
      return false;
    }
    void this.#answer(path, request, response);
    return true;
  };

  async #answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const json = (status: number, body: unknown) => response.writeHead(status, { 'Content-Type': 'application/json' }).end(body === null ? '' : JSON.stringify(body));
    const body = await bodyOf(request);
    if (path === '/api/found/stream') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      this.#streams.add(response);
      response.on('close', () => this.#streams.delete(response));
      this.#tell(response);
    } else if (path === '/api/found/scan' && request.method === 'DELETE') {
      const { scan } = this.#found;
      this.set({ scan: scan === null ? null : { ...scan, state: 'stopped' } });
      response.writeHead(204).end();
    } else if (path === '/api/found/scan') {
      this.scans.push(body);
      const scan = { range: String(body['range']), addresses: 254, asked: 0, found: 0, state: 'running' } as const;
      this.set({ scan });
      json(202, scan);
    } else if (path === '/api/found/greet') {
      json(this.greeted === null ? 504 : 200, this.greeted ?? { ok: false, error: 'Nothing answers at this address.' });
    } else {
      this.added.push(body);
      const id = 100 + this.added.length;
      const printer = this.#makePrinter(id, String(body['name']));
      this.#service.printers = [...this.#service.printers, { ...printer, saved: { serial: body['serial'], host: body['host'] } }];
      this.set({ printers: this.#found.printers.map((each) => (each.serial === body['serial'] ? { ...each, printerId: id } : each)) });
      json(201, { id, name: body['name'], host: body['host'], serial: body['serial'] });
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  const text = Buffer.concat(chunks).toString();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}
