// The API's schemas as validators: what the window asks and what a collector answers is held to them, here and end to end.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../../schemas');
const kBase = 'weir://schemas';
const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

/** mistakes(NAME, value): what is wrong with a value of methods/NAME.json, as text; null if nothing is. */
export function loadSchemas() {
  const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
  for (const part of ['shapes', 'methods']) {
    for (const file of readdirSync(join(folder, part))) ajv.addSchema(read(`${part}/${file}`), `${kBase}/${part}/${file}`);
  }
  return (name, value) => {
    const validate = ajv.getSchema(`${kBase}/methods/${name}.json`);
    if (!validate) return `no schema methods/${name}.json`;
    return validate(value) ? null : ajv.errorsText(validate.errors, { dataVar: name });
  };
}

/** Names of all methods of the OpenRPC document. */
export function methodNames() {
  return read('openrpc.json').methods.map(({ name }) => name);
}

/** Those that can be asked without any parameter. */
export function plainMethodNames() {
  return methodNames().filter((name) => (read(`methods/${name}.params.json`).required ?? []).length === 0);
}
