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

/** The module as a page with this head has it. */
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
