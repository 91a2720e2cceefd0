/** The real service's printers, for tests that bring their own and take them away again. */
import { readFileSync } from 'node:fs';
import { baseUrl } from './setting';

const headers = { 'Content-Type': 'application/json', 'X-Requested-By': 'platecast' };

export async function addPrinter(printer: unknown): Promise<number> {
  const answer = await fetch(`${baseUrl}/api/printers`, { method: 'POST', headers, body: JSON.stringify(printer) });
  if (answer.status !== 201) {
    throw new Error(`Adding a printer: ${answer.status} ${await answer.text()}`);
  }
  return ((await answer.json()) as { id: number }).id;
}

export async function removeAllOf(serials: readonly string[]): Promise<void> {
  const list = (await (await fetch(`${baseUrl}/api/printers`)).json()) as readonly { id: number; serial: string }[];
  for (const { id } of list.filter(({ serial }) => serials.includes(serial))) {
    await fetch(`${baseUrl}/api/printers/${id}`, { method: 'DELETE', headers });
  }
}

/** Where the stage takes orders: see `parties.Prompter`. Without a stage there is nobody who could kill the service. */
export const orders = process.env.STAGE_ORDERS ?? null;

export async function order(what: 'kill' | 'start' | 'order', line = ''): Promise<void> {
  const { ok } = await fetch(`${orders}/${what}`, { method: 'POST', body: line });
  if (!ok) {
    throw new Error(`The stage did not ${what}.`);
  }
}

/** Connections from this machine to an IPv4 address and port, as the kernel counts them. */
export function connectionsTo(address: string, port: number): number {
  const octets = address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
  const remote = `${octets.toReversed().join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
  const established = '01';
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/u))
    .filter(([, , to, state]) => to === remote && state === established).length;
}
