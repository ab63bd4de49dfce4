// Builds the Flows window into dist/: static files with relative URLs, so that they work under any path.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { thirdPartyLicenses } from './build/third_party_licenses';

export default defineConfig({
  base: './',
  plugins: [svelte(), thirdPartyLicenses()],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    reportCompressedSize: false,
  },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
});
