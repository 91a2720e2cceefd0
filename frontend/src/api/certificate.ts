/** Accepting a printer's new certificate: an act of its own, since saving a form must not accept anything. */
import * as v from 'valibot';
import { request } from './request';
import { type Printer, printerSchema } from './schemas';

const anyFields = v.record(v.string(), v.unknown());

/** The printer goes back as the service gave it, with the act beside it and without its secrets, which stay where they are. */
export async function acceptCertificate(id: number): Promise<Printer> {
  const { accessCode: _code, cameraPassword: _password, ...printer } = await request('GET', `/api/printers/${id}`, anyFields);
  return request('PUT', `/api/printers/${id}`, printerSchema, { body: { ...printer, acceptCertificate: true } });
}
