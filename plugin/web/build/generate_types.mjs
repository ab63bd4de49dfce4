// Writes src/generated/api.ts: one TypeScript type per schema in ../../schemas and the map of methods.
// Runs before build, check and test; the output is never committed.
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';

const here = dirname(fileURLToPath(import.meta.url));
const schemas = join(here, '../../../schemas');
const output = join(here, '../src/generated/api.ts');

const titleOf = new Map();
const definitions = {};
for (const folder of ['shapes', 'methods']) {
  for (const file of (await readdir(join(schemas, folder))).sort()) {
    const schema = JSON.parse(await readFile(join(schemas, folder, file), 'utf8'));
    const title = schema.title ?? pascal(file.replace(/\.json$/, ''));
    titleOf.set(`${folder}/${file}`, title);
    definitions[title] = { folder, schema: { ...schema, title } };
  }
}
for (const [title, { folder, schema }] of Object.entries(definitions)) definitions[title] = localise(schema, folder);

// Every reference becomes local, and objects are closed: a misspelt name in the window is then a type error.
function localise(node, folder) {
  if (Array.isArray(node)) return node.map((item) => localise(item, folder));
  if (node === null || typeof node !== 'object') return node;
  if (typeof node.$ref === 'string') {
    const path = join(folder, node.$ref);
    if (!titleOf.has(path)) throw new Error(`schemas/${folder}: reference to ${node.$ref}, which is no schema file`);
    return { $ref: `#/definitions/${titleOf.get(path)}` };
  }
  const copy = {};
  for (const [name, value] of Object.entries(node)) {
    if (!['$schema', 'x-method', 'x-notification'].includes(name)) copy[name] = localise(value, folder);
  }
  if (copy.additionalProperties === true) copy.additionalProperties = Object.keys(copy.properties ?? {}).length === 0;
  return copy;
}

function pascal(name) {
  return name.split(/[._]/).map((part) => part[0].toUpperCase() + part.slice(1)).join('');
}

const openrpc = JSON.parse(await readFile(join(schemas, 'openrpc.json'), 'utf8'));
const methods = openrpc.methods.map(({ name }) =>
  `  '${name}': { params: ${titleOf.get(`methods/${name}.params.json`)}; result: ${titleOf.get(`methods/${name}.result.json`)} };`);
const notifications = openrpc['x-notifications'].map(({ name }) =>
  `  '${name}': ${titleOf.get(`methods/${name}.params.json`)};`);

const types = await compile({ title: 'Everything', type: 'object', additionalProperties: false, definitions }, 'Everything', {
  bannerComment: '// Generated from schemas/ by build/generate_types.mjs. Change the schemas instead.',
  unreachableDefinitions: true,
  format: false,
});
await mkdir(dirname(output), { recursive: true });
await writeFile(output, `${types}
export interface Methods {
${methods.join('\n')}
}

export interface Notifications {
${notifications.join('\n')}
}
`);
