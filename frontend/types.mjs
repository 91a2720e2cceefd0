/**
 * Writes the service's own description of what it says as types: from tests/golden/openapi.json, which the service's
 * code is held to, into src/api/document.gen.ts, which nobody edits or commits.
 *
 * Knows the forms of schema that the document uses and stops at any other: half a type would hold nothing.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const source = new URL('../tests/golden/openapi.json', import.meta.url);
const target = new URL('./src/api/document.gen.ts', import.meta.url);

const names = { string: 'string', integer: 'number', number: 'number', boolean: 'boolean', null: 'null' };
/** What narrows a value and not its type, or only tells of it. */
const untyped = new Set(['description', 'format', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'pattern', 'propertyNames', 'default', 'example', 'examples', 'title', 'writeOnly']);
const typed = new Set(['$ref', 'oneOf', 'anyOf', 'allOf', 'enum', 'const', 'type', 'properties', 'required', 'items', 'additionalProperties']);

function typeOf(schema, at) {
  const strange = Object.keys(schema).find((key) => !typed.has(key) && !untyped.has(key));
  if (strange !== undefined) {
    throw new Error(`${at}: types.mjs does not know “${strange}”.`);
  }
  if (schema.$ref !== undefined) {
    return schema.$ref.replace('#/components/schemas/', '');
  }
  if (schema.enum !== undefined || schema.const !== undefined) {
    return (schema.enum ?? [schema.const]).map((value) => JSON.stringify(value)).join(' | ');
  }
  for (const [form, sign] of [['oneOf', ' | '], ['anyOf', ' | '], ['allOf', ' & ']]) {
    if (schema[form] !== undefined) {
      return schema[form].map((each, place) => `(${typeOf(each, `${at}.${form}[${place}]`)})`).join(sign);
    }
  }
  return [schema.type].flat().map((type) => plain(type, schema, at)).join(' | ');
}

function plain(type, schema, at) {
  if (type === 'array') {
    return `readonly (${typeOf(schema.items, `${at}[]`)})[]`;
  }
  if (type === 'object') {
    return objectOf(schema, at);
  }
  if (names[type] === undefined) {
    throw new Error(`${at}: types.mjs does not know the type “${type}”.`);
  }
  return names[type];
}

function objectOf({ properties, required = [], additionalProperties }, at) {
  if (properties === undefined) {
    return `{ readonly [name: string]: ${typeof additionalProperties === 'object' ? typeOf(additionalProperties, `${at}{}`) : 'unknown'} }`;
  }
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${comment(schema)}readonly ${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema, `${at}.${name}`)};`,
  );
  return `{ ${fields.join('\n')} }`;
}

const comment = ({ description }) => (description === undefined ? '' : `\n/** ${description.replaceAll('*/', '* /')} */\n`);

const { schemas } = JSON.parse(readFileSync(source, 'utf8')).components;
const types = Object.entries(schemas).map(([name, schema]) => `${comment(schema)}export type ${name} = ${typeOf(schema, name)};\n`);
writeFileSync(target, `/* Written by types.mjs. */\n${types.join('')}`);
