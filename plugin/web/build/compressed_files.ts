// A plugin of the bundler: beside each text file of the built window its gzip form, which the collector sends to browsers that take it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const kText = /\.(html|js|css|svg|json|txt)$/;
/** Less fits into one packet as it is. */
const kLeastBytes = 1000;

export function compressedFiles(): Plugin {
  return {
    name: 'compressed-files',
    writeBundle(options, bundle) {
      for (const file of Object.keys(bundle)) {
        if (!kText.test(file) || options.dir === undefined) continue;
        const content = readFileSync(join(options.dir, file));
        if (content.length >= kLeastBytes) writeFileSync(join(options.dir, `${file}.gz`), gzipSync(content, { level: 9 }));
      }
    },
  };
}
