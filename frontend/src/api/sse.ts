/**
 * Reads server-sent events (HTML Living Standard, 9.2.6) from a response. `EventSource` would do, but it shows neither
 * the comments that keep a silent stream alive, nor the redirect of an ended sign-in, nor a refusal's status.
 */

export interface Message {
  readonly type: string;
  readonly data: string;
}

/** Our events are much shorter; a longer one is dropped. */
const longest = 4_000_000;

/** Splits text into messages, however the text is cut into pieces. */
export class EventReader {
  #rest = '';
  #type = '';
  #data: string[] = [];

  push(chunk: string): readonly Message[] {
    const messages: Message[] = [];
    const text = this.#rest + chunk;
    // A CR at the very end may be half of a CRLF.
    const lines = text.split(/\r\n|\n|\r(?!$)/u);
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > longest) {
      throw new RangeError('An event is too long.');
    }
    for (const line of lines) {
      this.#take(line, messages);
    }
    return messages;
  }

  #take(line: string, messages: Message[]): void {
    if (line === '') {
      if (this.#data.length > 0) {
        messages.push({ type: this.#type || 'message', data: this.#data.join('\n') });
      }
      this.#type = '';
      this.#data = [];
      return;
    }
    const [, field = '', value = ''] = /^([^:]*)(?:: ?)?(.*)$/su.exec(line) ?? [];
    if (field === 'event') {
      this.#type = value;
    } else if (field === 'data') {
      this.#data.push(value);
    }
  }
}

/** Yields the text of a response in the pieces that the network delivers. */
export async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  // Not every browser can iterate over a stream.
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      return;
    }
    yield decoder.decode(value, { stream: true });
  }
}
