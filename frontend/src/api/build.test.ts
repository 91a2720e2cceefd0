import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

let answer: () => Response;

beforeEach(() => {
  vi.resetModules();
  vi.stubGlobal('fetch', async () => answer());
});
afterEach(() => {
  document.head.innerHTML = '';
});

const page = (build: string) => `<html><head><meta name="build" content="${build}" /></head></html>`;

const script = (hash: string) => `<script type="module" crossorigin src="/assets/index-${hash}.js"></script>`;

/** Waits until every request is answered and read. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Loads the module as a page with this head would. */
async function pageWith(head: string) {
  document.head.innerHTML = head;
  return import('./build');
}

describe('a page that knows its build', () => {
  it.each([
    ['the service, running without its page', () => new Response('Platecast is running, without its page.')],
    ['a captive portal', () => new Response('<html><head><title>Welcome</title></head></html>')],
    ['an error', () => new Response(page('two'), { status: 502 })],
  ])('does not take %s for itself', async (_, reply) => {
    answer = reply;
    const { isPageServed, outdatedBy } = await pageWith('<meta name="build" content="one" />');
    expect(await isPageServed()).toBe(false);
    expect(outdatedBy.value).toBeNull();
  });

  it('knows another build of itself', async () => {
    answer = () => new Response(page('two'));
    const { isPageServed, outdatedBy } = await pageWith('<meta name="build" content="one" />');
    expect(await isPageServed()).toBe(true);
    expect(outdatedBy.value).toBe('two');
  });
});

describe('a page that does not know its build', () => {
  it('takes any page for itself, and none for a newer one', async () => {
    answer = () => new Response('<html></html>');
    const { isPageServed, outdatedBy } = await pageWith('');
    expect(await isPageServed()).toBe(true);
    answer = () => new Response(page('two'));
    expect(await isPageServed()).toBe(true);
    expect(outdatedBy.value).toBeNull();
  });
});

describe('a page that nginx serves', () => {
  it('knows its build by the name of its script, and asks for it whenever the service begins to speak', async () => {
    answer = () => new Response(`<html><head><title>Platecast</title>${script('aa')}</head></html>`);
    const { hearBuild, outdatedBy, servedBuild } = await pageWith(script('aa'));
    expect(await servedBuild()).toBe('/assets/index-aa.js');
    hearBuild(null);
    await settled();
    expect(outdatedBy.value).toBeNull();
    answer = () => new Response(`<html><head>${script('bb')}</head></html>`);
    hearBuild(null);
    await vi.waitFor(() => expect(outdatedBy.value).toBe('/assets/index-bb.js'));
  });

  it('does not compare it with the build of a service that has a page of its own', async () => {
    answer = () => new Response(`<html><head>${script('aa')}</head></html>`);
    const { hearBuild, outdatedBy } = await pageWith(script('aa'));
    hearBuild('0123456789abcdef');
    await settled();
    expect(outdatedBy.value).toBeNull();
  });
});

it('the development server’s page is never outdated, and asks nothing', async () => {
  const asks = vi.fn<() => Promise<Response>>(async () => new Response(page('two')));
  vi.stubGlobal('fetch', asks);
  const { hearBuild, outdatedBy } = await pageWith('<script type="module" src="/@vite/client"></script><script type="module" src="/src/main.tsx"></script>');
  hearBuild('two');
  hearBuild(null);
  await settled();
  expect(asks).not.toHaveBeenCalled();
  expect(outdatedBy.value).toBeNull();
});
