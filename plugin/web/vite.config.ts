// Builds the Flows window into dist/: static files with relative URLs, so that they work under any path.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { compressedFiles } from './build/compressed_files';
import { thirdPartyLicenses } from './build/third_party_licenses';

export default defineConfig({
  base: './',
  plugins: [svelte(), thirdPartyLicenses(), compressedFiles()],
  build: {
    target: 'es2022',
    modulePreload: false,
    assetsInlineLimit: 0,
    // Twice over the code, and names by how often they stand there: a fifteenth less to send than with Vite's own.
    minify: 'terser',
    terserOptions: { module: true, ecma: 2020, compress: { passes: 3 } },
    chunkSizeWarningLimit: 900,
    reportCompressedSize: false,
  },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
});
