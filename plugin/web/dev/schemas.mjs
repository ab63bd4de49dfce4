// The API's schemas as validators: the development server and the end-to-end test hold answers to them.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../../schemas');
const kBase = 'weir://schemas';

export function loadSchemas() {
  const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
  for (const part of ['shapes', 'methods']) {
    for (const file of readdirSync(join(folder, part))) {
      ajv.addSchema(JSON.parse(readFileSync(join(folder, part, file), 'utf8')), `${kBase}/${part}/${file}`);
    }
  }
  /** Text of the mistakes of a value against methods/NAME.json, or null if there are none. */
  return function mistakes(name, value) {
    const validate = ajv.getSchema(`${kBase}/methods/${name}.json`);
    if (!validate) return `no schema methods/${name}.json`;
    return validate(value) ? null : ajv.errorsText(validate.errors, { dataVar: name });
  };
}

export function readOpenrpc() {
  return JSON.parse(readFileSync(join(folder, 'openrpc.json'), 'utf8'));
}
