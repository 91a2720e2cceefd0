import { afterEach, expect, it } from 'vitest';
import { Part } from '@/api/parts';
import { fetchOnHover } from './fetchOnHover';

/** An event that a browser sends when somebody comes to an element. */
const send = (type: string, selector: string) => document.querySelector(selector)?.dispatchEvent(new Event(type, { bubbles: true }));

let stop: () => void = () => undefined;
afterEach(() => {
  stop();
  document.body.replaceChildren();
});

it('a link asks for the page that it leads to, when somebody points at it or comes to it by the keyboard', () => {
  document.body.innerHTML = '<a id="here" href="/printers"><b>Printers</b></a><a id="away" href="https://example.org/printers">Elsewhere</a><p>No link</p>';
  const asked: string[] = [];
  const part = new Part(() => new Promise(() => undefined), 'on hover');
  part.fetchOnHover = () => void asked.push('fetched');
  stop = fetchOnHover((path) => {
    asked.push(path);
    return part;
  });
  send('pointerover', 'b');
  send('focusin', '#here');
  send('pointerover', '#away');
  send('pointerover', 'p');
  expect(asked).toEqual(['/printers', 'fetched', '/printers', 'fetched']);
});
