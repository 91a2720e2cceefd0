/** From what a person typed to what the service is asked: the checks that can be made without asking. */
import type { Draft } from '@/api/printers';
import { texts } from '@/texts/en';

export const fieldNames = ['name', 'host', 'serial', 'accessCode', 'rtspUrl', 'cameraFingerprint'] as const;
export type FieldName = (typeof fieldNames)[number];

export type Typed = Readonly<Record<FieldName, string>>;
export type FieldErrors = Readonly<Partial<Record<FieldName, string>>>;

/** Mistakes of the fields, one sentence each. The service checks again, and knows more. */
export function mistakes(typed: Typed, needsCode: boolean): FieldErrors {
  const errors: Partial<Record<FieldName, string>> = {};
  for (const field of fieldNames) {
    const mistake = mistakeIn(field, typed[field].trim(), needsCode);
    if (mistake !== null) {
      errors[field] = mistake;
    }
  }
  return errors;
}

export function mistakeIn(field: FieldName, value: string, needsCode: boolean): string | null {
  const { form } = texts;
  switch (field) {
    case 'name':
      if (value === '') {
        return form.required.name;
      }
      return [...value].length > 100 ? form.nameLong : null;
    case 'host':
      return value === '' ? form.required.host : null;
    case 'serial':
      if (value === '') {
        return form.required.serial;
      }
      return /^[0-9A-Z]{10,20}$/i.test(value) ? null : form.serialShape;
    case 'accessCode':
      return needsCode && value === '' ? form.required.accessCode : null;
    case 'rtspUrl':
      return value === '' || /^rtsps?:\/\/\S+$/i.test(value) ? null : form.rtspUrlShape;
    case 'cameraFingerprint':
      return value === '' || /^[0-9a-f]{64}$/i.test(value.replaceAll(':', '')) ? null : form.fingerprintShape;
  }
}

/** The request's body; an access code only where one was typed. */
export function draftOf(typed: Typed): Draft {
  const code = typed.accessCode.trim();
  return {
    name: typed.name.trim(),
    host: typed.host.trim(),
    serial: typed.serial.trim().toUpperCase(),
    ...(code === '' ? {} : { accessCode: code }),
    rtspUrl: typed.rtspUrl.trim() || null,
    cameraFingerprint: typed.cameraFingerprint.trim() || null,
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
    name: read('name'),
    host: read('host'),
    serial: read('serial'),
    accessCode: read('accessCode'),
    rtspUrl: read('rtspUrl'),
    cameraFingerprint: read('cameraFingerprint'),
  };
}

/** The refused fields that this form has. */
export function refusedFields(fields: Readonly<Record<string, string>>): FieldErrors {
  return Object.fromEntries(fieldNames.flatMap((field) => (fields[field] === undefined ? [] : [[field, fields[field]]])));
}
