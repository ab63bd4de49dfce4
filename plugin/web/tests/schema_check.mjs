// The API's schemas as validators: what the window asks and what a collector answers is held to them, here and end to end.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../../schemas');
const kBase = 'weir://schemas';
const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

function checker(part) {
  const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
  ajv.addVocabulary(['x-method', 'x-notification']);
  for (const folderName of ['shapes', 'methods']) {
    for (const file of readdirSync(join(folder, folderName))) ajv.addSchema(read(`${folderName}/${file}`), `${kBase}/${folderName}/${file}`);
  }
  return (name, value) => {
    const validate = ajv.getSchema(`${kBase}/${part}/${name}.json`);
    if (!validate) return `no schema ${part}/${name}.json`;
    return validate(value) ? null : ajv.errorsText(validate.errors, { dataVar: name });
  };
}

/** mistakes(NAME, value): what is wrong with a value of methods/NAME.json, as text; null if nothing is. */
export const loadSchemas = () => checker('methods');
/** The same of shapes/NAME.json. */
export const shapeChecker = () => checker('shapes');

/** A value of shapes/NAME.json with all that is required and nothing more: zero, empty, false, the first of what may be. */
export function exampleOf(name) {
  return exampleOfSchema(read(`shapes/${name}.json`));
}

function exampleOfSchema(schema) {
  if (schema.$ref) return exampleOf(schema.$ref.match(/([\w.]+)\.json$/)[1]);
  if (schema.oneOf) return exampleOfSchema(schema.oneOf[0]);
  if (schema.enum) return schema.enum[0];
  switch ([schema.type].flat()[0]) {
    case 'object': return Object.fromEntries((schema.required ?? []).map((key) => [key, exampleOfSchema(schema.properties[key])]));
    case 'array': return [];
    case 'string': return '-'.repeat(schema.minLength ?? 0);
    case 'boolean': return false;
    case 'null': return null;
    case 'integer':
    case 'number': return schema.minimum ?? 0;
  }
  throw new Error(`no example of ${JSON.stringify(schema)}`);
}

/** Names of all methods of the OpenRPC document. */
export function methodNames() {
  return read('openrpc.json').methods.map(({ name }) => name);
}

/** Those that can be asked without any parameter. */
export function plainMethodNames() {
  return methodNames().filter((name) => (read(`methods/${name}.params.json`).required ?? []).length === 0);
}
