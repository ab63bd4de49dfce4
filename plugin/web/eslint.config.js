// What finds mistakes in TypeScript, Svelte and JavaScript; how code looks is nobody's business here. `npm run lint`
// runs it from the project's folder, so that the JavaScript of tests and of the Zabbix module is read too.
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript-eslint';

const here = dirname(fileURLToPath(import.meta.url));

const everywhere = {
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'array-callback-return': 'error',
  'default-case-last': 'error',
  'no-constant-binary-expression': 'error',
  'no-constructor-return': 'error',
  'no-eval': 'error',
  'no-implied-eval': 'error',
  'no-regex-spaces': 'off',
  'no-new-wrappers': 'error',
  'no-self-compare': 'error',
  'no-template-curly-in-string': 'error',
  'no-unmodified-loop-condition': 'error',
  'no-unreachable-loop': 'error',
  'no-unused-vars': ['error', { args: 'after-used', caughtErrors: 'none', ignoreRestSiblings: true }],
  'no-use-before-define': ['error', { functions: false, classes: false, variables: false }],
  'no-var': 'error',
  radix: 'error',
};

const typed = {
  'no-unused-vars': 'off',
  'no-use-before-define': 'off',
  '@typescript-eslint/no-unused-vars': ['error', { args: 'after-used', caughtErrors: 'none', ignoreRestSiblings: true }],
  '@typescript-eslint/await-thenable': 'error',
  '@typescript-eslint/no-array-delete': 'error',
  '@typescript-eslint/no-base-to-string': 'error',
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-for-in-array': 'error',
  '@typescript-eslint/no-misused-promises': 'error',
  '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }], // by characters, as meant
  '@typescript-eslint/only-throw-error': 'error',
  '@typescript-eslint/require-array-sort-compare': ['error', { ignoreStringArrays: true }],
  '@typescript-eslint/restrict-plus-operands': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': 'error',
  '@typescript-eslint/unbound-method': 'error',
};

export default ts.config(
  { ignores: ['**/node_modules/', '**/dist/', '**/generated/', 'build/', 'data/'] },
  js.configs.recommended,
  { rules: everywhere },
  ...svelte.configs.recommended,
  { files: ['**/*.mjs', '**/eslint.config.js', '**/svelte.config.js'], languageOptions: { globals: globals.node } },
  // Parts of these run inside the page.
  { files: ['tests/e2e/**', 'tests/support/zabbix/**', 'tests/zabbix/**'], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
  // The module's scripts are plain ones, among those of Zabbix; the console's is the body of a function.
  {
    files: ['plugin/zabbix/**/*.js'],
    languageOptions: {
      sourceType: 'script',
      globals: { ...globals.browser, jQuery: 'readonly', $: 'readonly', SVGMapElement: 'readonly', SVGMapLink: 'readonly' },
      parserOptions: { ecmaFeatures: { globalReturn: true } },
    },
  },
  // Zabbix runs it in an engine of its own, which knows ECMAScript 5.
  {
    files: ['plugin/zabbix/module/template/console_script.js'],
    languageOptions: { ecmaVersion: 5, globals: { value: 'readonly', hmac: 'readonly', HttpRequest: 'readonly' } },
    rules: { 'no-var': 'off' },
  },
  {
    files: ['**/*.ts', '**/*.svelte'],
    plugins: { '@typescript-eslint': ts.plugin },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: here, extraFileExtensions: ['.svelte'] } },
    rules: { ...typed, 'no-undef': 'off' }, // the compiler knows what there is
  },
  { files: ['**/*.ts'], languageOptions: { parser: ts.parser } },
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    rules: {
      // Maps, sets and dates that are made anew for each answer are values; what changes is the state that holds them.
      'svelte/prefer-svelte-reactivity': 'off',
      'svelte/no-useless-mustaches': 'off', // {' '} is a space that the compiler keeps
      'svelte/no-unused-svelte-ignore': 'off', // svelte-check says so, and knows what it warned of
    },
  },
);
