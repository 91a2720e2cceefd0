/** From what a person typed to what the service is asked: the checks that can be made without asking. */
import type { Draft } from '@/api/printers';
import type { Printer } from '@/api/schemas';
import { texts } from '@/texts';

/** In the order of the form: the first mistake gets the focus. */
export const fieldNames = ['host', 'serial', 'accessCode', 'name', 'rtspUrl', 'cameraUser', 'cameraPassword', 'cameraFingerprint'] as const;
export type FieldName = (typeof fieldNames)[number];

/** What this browser keeps nowhere, and the form never shows unless asked. */
export const isSecret = (name: FieldName): boolean => name === 'accessCode' || name === 'cameraPassword';

export type Typed = Readonly<Record<FieldName, string>>;
export type FieldErrors = Readonly<Partial<Record<FieldName, string>>>;

export interface Rules {
  /** The printer as it is saved, whose code goes on being used at the same place; `null` for a new one. */
  readonly saved: Pick<Printer, 'host' | 'serial'> | null;
  /** A test needs no name. */
  readonly needsName: boolean;
  /** That of a new printer can be read from its certificate. */
  readonly needsSerial: boolean;
  /** The printers that are there, without the one that is edited. */
  readonly others: readonly Pick<Printer, 'name' | 'serial'>[];
}

/** Mistakes of the fields, one sentence each. The service checks again, and knows more. */
export function mistakes(typed: Typed, rules: Rules): FieldErrors {
  const errors: Partial<Record<FieldName, string>> = {};
  for (const field of fieldNames) {
    const mistake = field === 'accessCode' ? codeMistake(typed, rules.saved) : mistakeIn(field, typed[field].trim(), rules);
    if (mistake !== null) {
      errors[field] = mistake;
    }
  }
  return errors;
}

/** The saved code goes only to the printer that it was given for. */
function codeMistake({ accessCode, host, serial }: Typed, saved: Rules['saved']): string | null {
  if (accessCode.trim() !== '') {
    return null;
  }
  if (saved === null) {
    return texts.form.required.accessCode;
  }
  const isSamePlace = plainHost(host) === plainHost(saved.host) && serial.trim().toUpperCase() === saved.serial;
  return isSamePlace ? null : texts.form.codeAgain;
}

export function mistakeIn(field: FieldName, value: string, { needsName, needsSerial, others }: Omit<Rules, 'saved'>): string | null {
  const { form } = texts;
  switch (field) {
    case 'name':
      if (value === '') {
        return needsName ? form.required.name : null;
      }
      return [...value].length > 100 ? form.nameLong : null;
    case 'host':
      if (value === '') {
        return form.required.host;
      }
      // An IPv6 address has colons; a scheme, a port behind a name and a path have no place here.
      return /[\s/@?#]/u.test(value) || /^[^:]+:\d+$/u.test(value) ? form.hostShape : null;
    case 'serial': {
      if (value === '') {
        return needsSerial ? form.required.serial : null;
      }
      if (!/^[0-9A-Z]{10,20}$/i.test(value)) {
        return form.serialShape;
      }
      const taken = others.find(({ serial }) => serial === value.toUpperCase());
      return taken === undefined ? null : form.serialTaken(taken.name);
    }
    case 'rtspUrl':
      if (hasLogin(value)) {
        return form.rtspUrlLogin;
      }
      return value === '' || /^rtsps?:\/\/\S+$/i.test(value) ? null : form.rtspUrlShape;
    case 'cameraFingerprint':
      return value === '' || /^[0-9a-f]{64}$/i.test(value.replaceAll(':', '')) ? null : form.fingerprintShape;
    case 'accessCode':
    case 'cameraUser':
    case 'cameraPassword':
      return null;
  }
}

/** A user and a password in an address would be shown, logged and kept with it. */
export const hasLogin = (rtspUrl: string): boolean => /^[a-z]+:\/\/[^/?#]*@/i.test(rtspUrl.trim());

const hostIn = (rtspUrl: string): string | null => /^rtsps?:\/\/(?:[^/?#]*@)?(\[[^\]]*\]|[^/?#:]+)/i.exec(rtspUrl.trim())?.[1] ?? null;

/** Without brackets around IPv6, and with a zone as it is typed elsewhere. */
const plainHost = (host: string): string => host.trim().toLowerCase().replace(/^\[|\]$/gu, '').replace('%25', '%');

/** Whether the camera's address names another host than the printer's: that camera has a login of its own. */
export function namesOtherHost({ host, rtspUrl }: Pick<Typed, 'host' | 'rtspUrl'>): boolean {
  const named = hostIn(rtspUrl);
  return named !== null && host.trim() !== '' && plainHost(named) !== plainHost(host);
}

/** The camera's own login. What is saved stays where nothing is typed; a user that was taken out is sent as empty. */
function loginOf(typed: Typed, saved: Printer | null): Pick<Draft, 'cameraUser' | 'cameraPassword'> {
  const user = typed.cameraUser.trim();
  return {
    ...(user === '' && (saved?.cameraUser ?? '') === '' ? {} : { cameraUser: user }),
    ...(typed.cameraPassword === '' ? {} : { cameraPassword: typed.cameraPassword }),
  };
}

/** The request's body; an access code only where one was typed. */
export function draftOf(typed: Typed, saved: Printer | null): Draft {
  const code = typed.accessCode.trim();
  return {
    name: typed.name.trim(),
    host: typed.host.trim(),
    serial: typed.serial.trim().toUpperCase(),
    ...(code === '' ? {} : { accessCode: code }),
    rtspUrl: typed.rtspUrl.trim() || null,
    cameraFingerprint: typed.cameraFingerprint.trim() || null,
    ...(namesOtherHost(typed) ? loginOf(typed, saved) : {}),
  };
}

/** What a form holds now. */
export function typedIn(form: HTMLFormElement): Typed {
  const data = new FormData(form);
  const read = (field: FieldName): string => {
    const value = data.get(field);
    return typeof value === 'string' ? value : '';
  };
  return {
    host: read('host'),
    serial: read('serial'),
    accessCode: read('accessCode'),
    name: read('name'),
    rtspUrl: read('rtspUrl'),
    cameraUser: read('cameraUser'),
    cameraPassword: read('cameraPassword'),
    cameraFingerprint: read('cameraFingerprint'),
  };
}

/** What the form begins with. */
export const typedFrom = (saved: Printer | null): Typed => ({
  host: saved?.host ?? '',
  serial: saved?.serial ?? '',
  accessCode: '',
  name: saved?.name ?? '',
  rtspUrl: saved?.rtspUrl ?? '',
  cameraUser: saved?.cameraUser ?? '',
  cameraPassword: '',
  cameraFingerprint: saved?.cameraFingerprint ?? '',
});

/** The refused fields that this form has. */
export function refusedFields(fields: Readonly<Record<string, string>>): FieldErrors {
  return Object.fromEntries(fieldNames.flatMap((field) => (fields[field] === undefined ? [] : [[field, fields[field]]])));
}
