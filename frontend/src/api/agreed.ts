/**
 * The compiler checks here that the page reads what the service's own document says it writes, and that the page sends
 * what the document says it accepts. These are types only: the built page contains nothing of them.
 *
 * `npm run typecheck` fails, and names the field, if the service no longer writes a field, if its type differs, if an
 * unexpected `null` is possible, or if one side does not know a word. The page need not read every field.
 */
import type * as v from 'valibot';
import type { CommandBody, outcomeSchema } from './commands';
import type * as document from './document.gen';
import type { eventSchemas } from './events';
import type { foundSchema, greetedSchema, scanSchema } from './found';
import type { historySchema } from './history';
import type { Draft } from './printers';
import type { TestedDraft, testEventSchemas } from './stages';
import type { cameraSchema, printerSchema, refusalSchema } from './schemas';
import type { statusSchema } from './status';

type Value<T> = Exclude<T, null | undefined>;
/** A field that is written as optional or nullable, but read as required. */
type Missing<Read, Written, At extends string> = Exclude<Extract<Written, null | undefined>, Read> extends never ? never : `${At} may be missing`;

/** A word that one side does not know. A reader that accepts any text knows all. */
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

/** The service drops an unknown field silently. So each field that is sent must be known, and each required field must be sent. */
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
  readonly Found: document.Found;
  readonly FoundScan: document.FoundScan;
  readonly Greeted: document.Greeted;
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
  None<Reads<typeof foundSchema, 'Found'>>,
  None<Reads<typeof scanSchema, 'FoundScan'>>,
  None<Reads<typeof greetedSchema, 'Greeted'>>,
  None<Sends<Draft, document.PrinterDraft>>,
  None<Sends<TestedDraft, document.PrinterTest>>,
  None<Sends<CommandBody, document.CommandForm>>,
];
