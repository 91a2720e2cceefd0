/**
 * Where the tests find the service and the printers, from the environment:
 *
 *   BASE_URL      the running service with an empty registry      http://127.0.0.1:8080
 *   E2E_PRINTERS  JSON list of printers that really answer, as POST /api/printers takes them; at least one
 */
import * as v from 'valibot';

const printersSchema = v.pipe(
  v.array(
    v.object({
      name: v.string(),
      host: v.string(),
      serial: v.string(),
      accessCode: v.string(),
      rtspUrl: v.optional(v.nullable(v.string()), null),
      cameraFingerprint: v.optional(v.nullable(v.string()), null),
    }),
  ),
  v.minLength(1, 'E2E_PRINTERS has no printer.'),
);

export const baseUrl = process.env.SERVICE_URL ?? '';
export const printers = v.parse(printersSchema, JSON.parse(process.env.E2E_PRINTERS ?? '[]'));
export type TestPrinter = (typeof printers)[number];
