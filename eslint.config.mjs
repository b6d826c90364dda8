import tseslint from 'typescript-eslint';

/** One door per dangerous thing: module name (or global) -> the files that may use it. */
const doors = {
  passport: ['src/oidc/strategy.ts'],
  'passport-openidconnect': ['src/oidc/strategy.ts'],
  ioredis: ['src/session/redis.ts'],
  'connect-redis': ['src/session/redis.ts'],
};

/** Folders in the order of the layers; a folder imports from those to its right only. */
const layers = [
  'workers',
  'middleware',
  'audit',
  'pages',
  'presets',
  'oidc',
  'assertion',
  'session',
  'proxy',
  'queues',
  'claims',
  'config',
  'observe',
];

const layerRules = layers.map((layer, depth) => ({
  files: [`src/${layer}/**`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        paths: Object.entries(doors)
          .filter(([, files]) => !files.some((file) => file.startsWith(`src/${layer}/`)))
          .map(([name]) => ({ name, message: `only ${doors[name].join(', ')} may import it` })),
        patterns: layers.slice(0, depth).map((above) => ({
          group: [`**/${above}/*`],
          message: 'imports go down only, see docs/architecture.md',
        })),
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'node_modules'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // the one way of telling Express' types of a property
      '@typescript-eslint/no-namespace': ['error', { allowDeclarations: true }],
      'no-console': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      eqeqeq: ['error', 'smart'],
    },
  },
  ...layerRules,
  {
    files: ['src/verify/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(?!\\./|jose$|node:http$)',
              message: 'src/verify stands alone: jose and its own files',
            },
          ],
        },
      ],
    },
  },
  {
    // pure: computes only; no Express, no Redis, no sockets
    files: ['src/queues/**', 'src/claims/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "ImportDeclaration[importKind!='type'][source.value=/^(express|ioredis|undici|node:(http|https|net|fs))$/]",
          message: 'pure folder: computes only',
        },
      ],
    },
  },
  {
    files: ['src/**'],
    ignores: ['src/config/env.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'only src/config/env.ts reads the environment' },
      ],
    },
  },
  {
    files: ['test/**', 'test-d/**', 'demo/**', 'scripts/**', 'examples/**', 'attack/**', 'bench/**'],
    rules: {
      'no-console': 'off',
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] },
          ],
        },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  { files: ['**/*.mjs', 'public/**', 'demo/**/*.js'], ...tseslint.configs.disableTypeChecked },
);
