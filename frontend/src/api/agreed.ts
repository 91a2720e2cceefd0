/**
 * What the page reads, held by the compiler to what the service's own document says it writes, and the other way round
 * for what the page sends. Types only: nothing of this is in the page.
 *
 * A field that the service no longer writes, another type, a `null` that nobody expects, a word that one of both sides
 * does not know: each fails `npm run typecheck` here, by its name. Fields that the page does not read are its own affair.
 */
import type * as v from 'valibot';
import type { CommandBody, outcomeSchema } from './commands';
import type * as document from './document.gen';
import type { eventSchemas } from './events';
import type { historySchema } from './history';
import type { Draft } from './printers';
import type { TestedDraft, testEventSchemas } from './stages';
import type { cameraSchema, printerSchema, refusalSchema } from './schemas';
import type { statusSchema } from './status';

type Value<T> = Exclude<T, null | undefined>;
/** Why nothing may be missing: what is written has it, what is read cannot bear it. */
type Missing<Read, Written, At extends string> = Exclude<Extract<Written, null | undefined>, Read> extends never ? never : `${At} may be missing`;

/** A word is not known on one side. A reader that takes any word knows all. */
type Words<Read, Written, At extends string> = [Written] extends [Read]
  ? string extends Read
    ? never
    : [Read] extends [Written]
      ? never
      : `${At} is never “${Exclude<Read, Written> & string}”`
  : `${At} may be something else: ${Exclude<Written, Read> & string}`;

type Fields<Read, Written, At extends string> = {
  [K in keyof Read & string]: K extends keyof Written ? Faults<Read[K], Written[K], `${At}.${K}`> : `${At}.${K} does not exist`;
}[keyof Read & string];

type Present<Read, Written, At extends string> = [Read] extends [readonly (infer One)[]]
  ? [Written] extends [readonly (infer Other)[]]
    ? Faults<One, Other, `${At}[]`>
    : `${At} is no list`
  : [Read] extends [object]
    ? Fields<Read, Written, At>
    : Words<Read, Written, At>;

type Faults<Read, Written, At extends string> = Missing<Read, Written, At> | Present<Value<Read>, Value<Written>, At>;

type Reads<Schema extends v.GenericSchema, Name extends keyof Documented> = Faults<v.InferInput<Schema>, Documented[Name], Name>;

/** A field too many would be dropped in silence: so each is known, and each that has to be there is. */
type Sends<Body, Form> = Body extends Form ? Exclude<keyof Body, Form extends unknown ? keyof Form : never> : 'does not fit';

interface Documented {
  readonly Printer: document.Printer;
  readonly Camera: document.Camera;
  readonly Status: document.Status;
  readonly History: document.History;
  readonly Problem: document.Problem;
  readonly CommandDone: document.CommandDone;
  readonly Snapshot: document.Snapshot;
  readonly StatusChange: document.StatusChange;
  readonly CameraChange: document.CameraChange;
  readonly PrinterEvents: document.PrinterEvents;
  readonly Removed: document.Removed;
  readonly TestStages: document.TestStages;
  readonly TestStage: document.TestStage;
  readonly TestDone: document.TestDone;
}

type None<F extends never> = F;

export type Agreed = [
  None<Reads<typeof printerSchema, 'Printer'>>,
  None<Reads<typeof cameraSchema, 'Camera'>>,
  None<Reads<typeof statusSchema, 'Status'>>,
  None<Reads<typeof historySchema, 'History'>>,
  None<Reads<typeof refusalSchema, 'Problem'>>,
  None<Reads<typeof outcomeSchema, 'CommandDone'>>,
  None<Reads<typeof eventSchemas.snapshot, 'Snapshot'>>,
  None<Reads<typeof eventSchemas.printer, 'StatusChange'>>,
  None<Reads<typeof eventSchemas.camera, 'CameraChange'>>,
  None<Reads<typeof eventSchemas.added, 'PrinterEvents'>>,
  None<Reads<typeof eventSchemas.removed, 'Removed'>>,
  None<Reads<typeof testEventSchemas.stages, 'TestStages'>>,
  None<Reads<typeof testEventSchemas.stage, 'TestStage'>>,
  None<Reads<typeof testEventSchemas.done, 'TestDone'>>,
  None<Sends<Draft, document.PrinterDraft>>,
  None<Sends<TestedDraft, document.PrinterTest>>,
  None<Sends<CommandBody, document.CommandForm>>,
];
