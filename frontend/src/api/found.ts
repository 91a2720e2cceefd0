/** Printers that were found in the network, and what finds more of them. */
import * as v from 'valibot';
import { endpoints } from './address';
import { adviceFields, said } from './advice';
import { orElse } from './fields';
import { nothing, openStream, request } from './request';
import { EventReader, chunksOf } from './sse';
import { Watchdog } from './watchdog';

const maybeText = orElse(v.string(), null);
const camera = orElse(v.picklist(['video', 'pictures']), null);

const foundPrinterSchema = v.object({
  serial: v.string(),
  model: maybeText,
  /** The name that its owner gave it, where it was heard. */
  name: maybeText,
  host: v.string(),
  camera,
  /** Of the printer that is registered with this serial number. */
  printerId: orElse(v.number(), null),
});
export type FoundPrinter = v.InferOutput<typeof foundPrinterSchema>;

export const scanSchema = v.object({
  range: v.string(),
  addresses: v.number(),
  asked: v.number(),
  found: v.number(),
  state: v.picklist(['running', 'done', 'stopped']),
});
export type Scan = v.InferOutput<typeof scanSchema>;

const deafSchema = v.pipe(v.object({ sentence: v.string(), ...adviceFields }), v.transform(said));

export const foundSchema = v.object({
  /** Why printers that announce themselves are not heard here. */
  deaf: orElse<typeof deafSchema, null>(deafSchema, null),
  networks: orElse(v.array(v.object({ range: v.string(), addresses: v.number() })), []),
  scan: orElse<typeof scanSchema, null>(scanSchema, null),
  printers: v.array(foundPrinterSchema),
});
export type Found = v.InferOutput<typeof foundSchema>;

export const greetedSchema = v.object({ host: v.string(), serial: v.string(), model: maybeText, camera });
export type Greeted = v.InferOutput<typeof greetedSchema>;

/** The service sends something every 15 s, if only a comment. */
const silenceMs = 25_000;

/** Tells what is found, at once and after each change, until the stream ends. */
export async function listenForFound(onFound: (found: Found) => void, outer: AbortSignal): Promise<void> {
  const watch = new Watchdog(outer);
  watch.expect(silenceMs);
  const reader = new EventReader();
  try {
    for await (const chunk of chunksOf(await openStream(endpoints.foundStream, watch.signal))) {
      watch.expect(silenceMs);
      for (const { type, data } of reader.push(chunk)) {
        const parsed = type === 'found' ? v.safeParse(v.pipe(v.string(), v.parseJson(), foundSchema), data) : null;
        if (parsed?.success === true) {
          onFound(parsed.output);
        }
      }
    }
  } finally {
    watch.end();
  }
}

/** Where a proxy holds the stream back. */
export const foundNow = (signal: AbortSignal): Promise<Found> => request('GET', endpoints.found, foundSchema, { signal });

export const startScan = (range: string): Promise<Scan> => request('POST', endpoints.scan, scanSchema, { body: { range } });

export const stopScan = (): Promise<null> => request('DELETE', endpoints.scan, nothing);

/** Asks an address for its certificate: which printer it is. */
export const greet = (host: string, signal: AbortSignal): Promise<Greeted> => request('POST', endpoints.greet, greetedSchema, { body: { host }, signal });
