/** The printers' endpoints, as queries and as plain functions for what changes something. */
import { queryOptions } from '@tanstack/react-query';
import { nothing, request } from './request';
import { type Camera, type Printer, cameraSchema, isLive, printerSchema, printersSchema } from './schemas';
import { type Status, statusSchema } from './status';

/** What a person fills in. Without `accessCode` an edit keeps the saved one. */
export interface Draft {
  readonly name: string;
  readonly host: string;
  readonly serial: string;
  readonly accessCode?: string;
  readonly rtspUrl: string | null;
  readonly cameraFingerprint: string | null;
  /** Of a camera that is another host than the printer. Without them an edit keeps the saved ones. */
  readonly cameraUser?: string;
  readonly cameraPassword?: string;
}

/** How often the camera is asked about while it shows no picture. */
const waitingPollMs = 2_000;

const awayPollMs = 5_000;

export const printersQuery = queryOptions({
  queryKey: ['printers'],
  queryFn: ({ signal }) => request('GET', '/api/printers', printersSchema, { signal }),
  // A page that was open while the service restarted comes back by itself.
  refetchInterval: ({ state }) => (state.status === 'error' ? awayPollMs : false),
});

/** `watchMs`: how often to ask while the camera is live; `false` for never, since then the picture itself tells. */
export const cameraQuery = (id: number, watchMs: number | false) =>
  queryOptions({
    queryKey: ['printers', id, 'camera'],
    queryFn: ({ signal }): Promise<Camera> => request('GET', `/api/printers/${id}/camera`, cameraSchema, { signal }),
    refetchInterval: (query) => (query.state.data !== undefined && isLive(query.state.data) ? watchMs : waitingPollMs),
    retry: false,
  });

export const statusOf = (id: number, signal: AbortSignal): Promise<Status> =>
  request('GET', `/api/printers/${id}/status`, statusSchema, { signal });

export const addPrinter = (draft: Draft): Promise<Printer> => request('POST', '/api/printers', printerSchema, { body: draft });

export const editPrinter = (id: number, draft: Draft): Promise<Printer> =>
  request('PUT', `/api/printers/${id}`, printerSchema, { body: draft });

export const removePrinter = (id: number): Promise<null> => request('DELETE', `/api/printers/${id}`, nothing);

/** Where a camera's playlists are. */
export const playlists = (id: number) => ({ lowLatency: `/hls/${id}/stream_ll.m3u8`, standard: `/hls/${id}/stream.m3u8` });
