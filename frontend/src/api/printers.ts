/** The printers' endpoints. */
import { address, endpoints } from './address';
import { nothing, request } from './request';
import { type Camera, type Printer, cameraSchema, printerSchema, printersSchema } from './schemas';
import { type Status, statusSchema } from './status';

/** The fields of the form. Without `accessCode` an edit keeps the saved one. */
export interface Draft {
  readonly name: string;
  readonly host: string;
  readonly serial: string;
  readonly accessCode?: string;
  readonly rtspUrl: string | null;
  readonly cameraFingerprint: string | null;
  /** For a camera at another host than the printer's. Without them an edit keeps the saved ones. */
  readonly cameraUser?: string;
  readonly cameraPassword?: string;
}

export const listPrinters = (signal: AbortSignal): Promise<readonly Printer[]> => request('GET', endpoints.printers, printersSchema, { signal });

export const cameraOf = (id: number, signal: AbortSignal): Promise<Camera> =>
  request('GET', endpoints.camera(id), cameraSchema, { signal });

export const statusOf = (id: number, signal: AbortSignal): Promise<Status> =>
  request('GET', endpoints.status(id), statusSchema, { signal });

export const addPrinter = (draft: Draft): Promise<Printer> => request('POST', endpoints.printers, printerSchema, { body: draft });

export const editPrinter = (id: number, draft: Draft): Promise<Printer> =>
  request('PUT', endpoints.printer(id), printerSchema, { body: draft });

export const removePrinter = (id: number): Promise<null> => request('DELETE', endpoints.printer(id), nothing);

/** The addresses of a camera's playlists. */
export const playlists = (id: number) => ({
  lowLatency: address(endpoints.lowLatencyPlaylist(id)),
  standard: address(endpoints.playlist(id)),
});
