/** The page as it is built for a path of its own, behind a proxy that takes that path away before it asks the service. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Server, createServer, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { texts } from '@/texts/en';
import { desktop } from '../browser';
import { states } from '../statuses';
import { Stage } from './stage';

const prefix = '/cameras';
const types: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml', webmanifest: 'application/manifest+json' };

const stage = new Stage();
const { service } = stage;
const built = mkdtempSync(`${tmpdir()}/platecast-page-`);
const outside: string[] = [];
let proxy: Server;

beforeAll(() => {
  execFileSync('npx', ['vite', 'build', '--outDir', built, '--logLevel', 'error'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, VITE_BASE: `${prefix}/` },
  });
  proxy = createServer((request, response) => {
    const url = request.url ?? '/';
    if (!url.startsWith(`${prefix}/`)) {
      outside.push(url);
      response.writeHead(404).end();
      return;
    }
    const path = url.slice(prefix.length);
    if (path.startsWith('/api/') || path.startsWith('/hls/')) {
      const asked = ask(stage.baseURL + path, { method: request.method, headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      response.on('close', () => asked.destroy());
      asked.on('error', () => response.destroy());
      request.pipe(asked);
      return;
    }
    const file = /\.\w+$/u.test(path) ? path : '/index.html';
    readFile(built + file).then(
      (body) => response.writeHead(200, { 'Content-Type': types[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream' }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  return new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
}, 120_000);

afterAll(() => {
  proxy.close();
  proxy.closeAllConnections();
  rmSync(built, { recursive: true });
});

it('a page below a path asks for nothing outside of it, and its links stay there', async () => {
  service.printers = ['Garage', 'Attic'].map((name, index) => ({ id: index + 1, name, status: states.printing(), camera: { step: 'live', sentence: '' } }));
  const origin = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const { page, complaints } = await stage.open(`${prefix}/`, { ...desktop, baseURL: origin });
  const here = () => new URL(page.url()).pathname;
  await page.getByRole('link', { name: 'Attic' }).click();
  await page.getByRole('heading', { name: 'Attic' }).waitFor();
  expect(here()).toBe(`${prefix}/p/2`);
  await page.getByRole('region', { name: texts.health.title, exact: true }).waitFor();
  await page.getByRole('link', { name: texts.app.home }).click();
  await page.getByRole('link', { name: 'Garage' }).waitFor();
  expect(here()).toBe(`${prefix}/`);
  await page.getByRole('link', { name: texts.app.printers, exact: true }).locator('visible=true').click();
  await page.getByRole('link', { name: texts.printers.editOf('Garage') }).click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(here()).toBe(`${prefix}/printers/1/edit`);
  expect([outside, complaints]).toEqual([[], []]);
});
