/** Accepts a printer's new certificate. This is a separate action, because saving a form must not accept anything. */
import * as v from 'valibot';
import { endpoints } from './address';
import { request } from './request';
import { type Printer, printerSchema } from './schemas';

const anyFields = v.record(v.string(), v.unknown());

/** Sends the printer back as the service returned it, with the acceptance and without its secrets, which the service keeps. */
export async function acceptCertificate(id: number): Promise<Printer> {
  const { accessCode: _code, cameraPassword: _password, ...printer } = await request('GET', endpoints.printer(id), anyFields);
  return request('PUT', endpoints.printer(id), printerSchema, { body: { ...printer, acceptCertificate: true } });
}
