/** What may stand between a browser and the service, with its faults. */
import { type IncomingMessage, type Server, type ServerResponse, createServer, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';

type Manner =
  /** Passes everything on. */
  | 'clear'
  /** Keeps what comes bit by bit to itself, as a buffering proxy does. */
  | 'buffering'
  /** Cloudflare Access without a session: everything is redirected to a sign-in on another origin. */
  | 'signedOut';

export class Proxy {
  manner: Manner = 'clear';
  /** Paths asked for, since `forget`. */
  asked: string[] = [];
  readonly #target: string;
  readonly #signIn: Server = createServer((request, response) => this.#showSignIn(request, response));
  readonly #server: Server = createServer((request, response) => this.#pass(request, response));

  constructor(target: string) {
    this.#target = target;
  }

  /** Where the browser finds the service. */
  async start(): Promise<string> {
    await Promise.all([listen(this.#server), listen(this.#signIn)]);
    return origin(this.#server);
  }

  stop(): void {
    for (const server of [this.#server, this.#signIn]) {
      server.closeAllConnections();
      server.close();
    }
  }

  /** Streams that are open end, as when their session does. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  #pass(incoming: IncomingMessage, response: ServerResponse): void {
    const path = incoming.url ?? '/';
    this.asked.push(path);
    if (this.manner === 'signedOut') {
      const back = encodeURIComponent(`${origin(this.#server)}${path}`);
      response.writeHead(302, { Location: `${origin(this.#signIn)}/login?back=${back}`, 'Cache-Control': 'no-store' }).end();
      return;
    }
    const holdsBack = this.manner === 'buffering';
    const { method = 'GET', headers } = incoming;
    const outgoing = ask(new URL(path, this.#target), { method, headers }, (answer) => {
      const isStream = answer.headers['content-type']?.startsWith('text/event-stream') === true;
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      if (holdsBack && isStream) {
        response.flushHeaders();
        answer.resume();
      } else {
        answer.pipe(response);
      }
    });
    outgoing.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end('Bad gateway')));
    response.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  }

  /** One button; pressed, there is a session again and the way leads back to where one came from. */
  #showSignIn(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', origin(this.#signIn));
    if (url.pathname === '/done') {
      this.manner = 'clear';
      response.writeHead(302, { Location: url.searchParams.get('back') ?? '/' }).end();
      return;
    }
    const back = encodeURIComponent(url.searchParams.get('back') ?? '');
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(`<title>Sign in</title><a href="/done?back=${back}">Sign in</a>`);
  }
}

const listen = (server: Server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
