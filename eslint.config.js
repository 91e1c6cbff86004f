/** Lint rules, among them which package may import which. */
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Imports point one way: everything stands on ir, the command stands on everything. */
const MAY_IMPORT = {
  ir: [],
  dsl: ['ir'],
  runtime: ['ir'],
  verifier: ['ir'],
  protocol: ['ir', 'contracts', 'runtime', 'verifier'],
  cli: ['ir', 'dsl', 'runtime', 'verifier', 'protocol'],
};

const importRules = Object.entries(MAY_IMPORT).map(([name, allowed]) => ({
  files: [`packages/${name}/src/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^@gensyn/(?!(?:${allowed.join('|') || '-'})$)`,
            message: `${name} may import ${allowed.length ? allowed.map((each) => `@gensyn/${each}`).join(', ') : 'no package of the project'}, by that name only.`,
          },
          { regex: '^(\\.\\./)+[a-z]+/(src|dist)/', message: 'Other packages are imported by name.' },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', 'coverage/', '**/build/', '**/runs/', '.cache/'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    files: ['packages/*/{src,test}/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['packages/ir/src/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', { name: 'fetch', message: 'ir has no input and no output.' }],
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        performance: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        clearTimeout: 'readonly',
        require: 'readonly',
        module: 'writable',
      },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  ...importRules,
);
