import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigError, loadConfig, type Problem } from '../../src/config/config.ts';
import type { Environment } from '../../src/config/env.ts';
import { hashAdminToken } from '../../src/admin/hash-admin-token.ts';
import { fourLines, fullForm } from './examples.ts';

const folder = mkdtempSync(join(tmpdir(), 'config-'));
after(() => {
  rmSync(folder, { recursive: true });
});

let files = 0;
function fileOf(options: object | string): string {
  files += 1;
  const file = join(folder, `${files}.json5`);
  writeFileSync(file, typeof options === 'string' ? options : JSON.stringify(options));
  return file;
}

function load(options: object | string, env: Environment = {}) {
  return loadConfig({ argv: ['--config', fileOf(options)], env });
}

function problemsOf(options: object | string, env: Environment = {}): readonly Problem[] {
  try {
    load(options, env);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
}

const four: Environment = {
  AUTH_CONNECTION_NAME: 'Signicat',
  AUTH_CLIENT_ID: 'puzzelchatssodev',
  AUTH_ENDPOINT: 'https://preprod.signicat.com/oidc',
  AUTH_MAPPING: '{"AuthUserId":{"MapType":"ChatId"}}',
  SECURE_QUEUES: 'q_bank',
  UPSTREAM_URL: 'http://127.0.0.1:8080',
};

test('the environment alone is enough to start', () => {
  const config = loadConfig({ argv: [], env: { ...four, PORT: '5001', TRUST_PROXY: '1' } });
  assert.equal(config.customers[0]?.queues[0]?.connection?.name, 'Signicat');
  assert.equal(config.port, 5001);
  assert.equal(config.publicUrl, 'http://localhost:5001');
  assert.equal(config.trustProxy, 1);
});

test('the file is found by --config, --config= and CONFIG_FILE, the argument first', () => {
  const [one, two] = [fileOf({ ...fourLines, port: 1001 }), fileOf({ ...fourLines, port: 1002 })];
  assert.equal(loadConfig({ argv: ['--config', one], env: {} }).port, 1001);
  assert.equal(loadConfig({ argv: [`--config=${one}`], env: { CONFIG_FILE: two } }).port, 1001);
  assert.equal(loadConfig({ argv: [], env: { CONFIG_FILE: two } }).port, 1002);
});

test('a variable wins over the file, an empty one does not', () => {
  const options = {
    ...fourLines,
    upstream: { url: 'http://file', timeoutMs: 7 },
    port: 1001,
    authClientId: 'file',
  };
  const config = load(options, { PORT: '2002', UPSTREAM_URL: 'http://env', AUTH_CLIENT_ID: 'env', HOST: '' });
  assert.equal(config.port, 2002);
  assert.equal(config.upstream?.origin, 'http://env');
  assert.equal(config.upstream.timeoutMs, 7);
  assert.equal(config.customers[0]?.connections[0]?.clientId, 'env');
  assert.equal(config.host, '0.0.0.0');
  assert.equal(
    load({ ...options, upstream: 'http://file' }, { UPSTREAM_URL: 'http://env' }).upstream?.origin,
    'http://env',
  );
});

test('four-line variables reach into customers when there is one customer with one connection', () => {
  const config = load(fullForm, {
    AUTH_CLIENT_SECRET: 'from-env',
    AUTH_MASKED_CLAIMS: 'email',
    RETURN_ORIGINS: 'https://env.example',
  });
  const [customer] = config.customers;
  assert.equal(customer?.connections[0]?.clientSecret, 'from-env');
  assert.deepEqual(customer.connections[0].maskedClaims, ['email']);
  assert.equal(customer.connections[0].clientId, 'puzzelchatssodev');
  assert.deepEqual(customer.returnOrigins, ['https://env.example']);
  assert.equal(customer.queues[0]?.connection?.clientSecret, 'from-env');
});

const customer = fullForm.customers[0];
const connection = customer?.connections[0];
const twoCustomers = { ...fullForm, customers: [customer, { ...customer, customerKey: '2' }] };
const twoConnections = {
  ...fullForm,
  customers: [{ ...customer, connections: [connection, { ...connection, authConnectionName: 'B' }] }],
};
const misplaced: readonly [string, object, string, RegExp][] = [
  ['AUTH_CLIENT_SECRET with two customers', twoCustomers, 'AUTH_CLIENT_SECRET', /not clear which connection/],
  [
    'AUTH_CLIENT_SECRET with two connections',
    twoConnections,
    'AUTH_CLIENT_SECRET',
    /not clear which connection/,
  ],
  ['RETURN_ORIGINS with two customers', twoCustomers, 'RETURN_ORIGINS', /not clear which customer/],
  ['SECURE_QUEUES with two connections', twoConnections, 'SECURE_QUEUES', /not clear which connection/],
];
for (const [what, options, variable, hint] of misplaced) {
  test(`${what} is a problem that says why`, () => {
    const [problem, ...rest] = problemsOf(options, { [variable]: 'CANARY' });
    assert.deepEqual(rest, []);
    assert.equal(problem?.path, variable);
    assert.match(problem.hint ?? '', hint);
    assert.doesNotMatch(JSON.stringify(problem), /CANARY/);
  });
}

test('SECURE_QUEUES makes further queues of the one customer secure, and opens none', () => {
  const queuesWith = (value: string) =>
    load(fullForm, { SECURE_QUEUES: value }).customers[0]?.queues.map(({ queueKey, connection: by }) => [
      queueKey,
      by?.name,
    ]);
  assert.deepEqual(queuesWith('q_new, Q_OPEN'), [
    ['q_bank', 'Signicat'],
    ['q_open', 'Signicat'],
    ['q_new', 'Signicat'],
  ]);
});

test('SECURE_QUEUES hides no mistake of the file in its queues', () => {
  const [only] = fullForm.customers;
  const wrong = {
    ...fullForm,
    customers: [{ ...only, queues: { queueKey: 'q_bank', authConnectionName: 'Signicat' } }],
  };
  assert.deepEqual(
    problemsOf(wrong, { SECURE_QUEUES: 'q_other' }).map(({ path }) => path),
    ['customers[0].queues'],
  );
});

test('a problem of what a variable set names the variable', () => {
  const problems = problemsOf(fullForm, {
    PUBLIC_URL: 'http://chat.example.no',
    AUTH_ENDPOINT: 'http://p.example',
    UPSTREAM_URL: 'x',
  });
  assert.deepEqual(problems.map(({ path }) => path).sort(), [
    'AUTH_ENDPOINT (customers[0].connections[0].authEndpoint)',
    'PUBLIC_URL (publicUrl)',
    'UPSTREAM_URL (upstream.url)',
  ]);
});

test('a problem inside a variable names the variable and the place', () => {
  const [problem] = problemsOf(fourLines, { AUTH_MAPPING: '{"name":{"MapType":"Nickname"}}' });
  assert.equal(problem?.path, 'AUTH_MAPPING (authMapping.name.MapType)');
});

test('what is missing is cured by its variable or its key', () => {
  const problems = problemsOf({ authClientId: 'c' }, { NODE_ENV: 'production' });
  const hints = Object.fromEntries(problems.map(({ path, hint }) => [path, hint]));
  assert.equal(hints['upstream'], 'it is missing: set UPSTREAM_URL, or the key in the file');
  assert.equal(hints['publicUrl'], 'it is missing: set PUBLIC_URL, or the key in the file');
  assert.equal(hints['redisUrl'], 'it is missing: set REDIS_URL, or the key in the file');
  assert.equal(hints['authEndpoint'], 'it is missing: set AUTH_ENDPOINT, or the key in the file');
});

test('problems of arguments, environment, file and merging are told in one go', () => {
  const file = fileOf({ ...twoCustomers, prot: 1, publicUrl: 'http://x.example' });
  assert.throws(
    () =>
      loadConfig({
        argv: ['--config', file, '--port', '1'],
        env: { CONFIG_FILE: file, PORT: 'x', AUTH_SCOPE: 'a' },
      }),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.deepEqual(error.problems.map(({ path }) => path).sort(), [
        'AUTH_SCOPE',
        'PORT',
        'command line',
        'prot',
        'publicUrl',
      ]);
      return true;
    },
  );
});

test('a file that cannot be read is told with the problems of the environment, and invents no others', () => {
  const paths = problemsOf('{ a: ', { PORT: 'x' }).map(({ path }) => path);
  assert.equal(paths.length, 2);
  assert.equal(paths[0], 'PORT');
  assert.match(paths[1] ?? '', /\.json5:1:6$/);
});

test('NODE_ENV=production refuses state in memory', () => {
  const paths = problemsOf({ ...fourLines, publicUrl: 'https://x.example' }, { NODE_ENV: 'production' }).map(
    ({ path }) => path,
  );
  assert.deepEqual(paths.sort(), ['redisUrl', 'sessionSecret']);
});

test('warnings of the environment reach the configuration', () => {
  assert.ok(
    load(fourLines, { AUTH_PROMPT: 'none' }).warnings.some((warning) => warning.startsWith('AUTH_PROMPT')),
  );
});

test('no secret variable is ever printed, whatever is wrong with it', () => {
  const secrets = [
    'SESSION_SECRET',
    'SEAL_KEY',
    'PSEUDONYM_KEY',
    'REDIS_URL',
    'AUTH_CLIENT_SECRET',
    'AUTH_MAPPING',
    'UPSTREAM_URL',
    'PUBLIC_URL',
  ];
  for (const value of ['CANARY', 'http://CANARY@h', '{"CANARY', '["CANARY"]', 'CANARY,CANARY', '"CANARY"']) {
    const env = Object.fromEntries(secrets.map((name) => [name, value]));
    for (const file of [fourLines, fullForm, twoCustomers]) {
      const message = JSON.stringify(problemsOf(file, env));
      assert.match(message, /SESSION_SECRET/);
      assert.doesNotMatch(message, /canary/i);
    }
  }
});

test('the administrators’ tokens and client secret come from the environment beside what the file says of them', async () => {
  const oidc = {
    authEndpoint: 'https://sso.example',
    authClientId: 'admin',
    requiredClaims: { viewer: { name: 'groups', values: ['care'] } },
  };
  const hash = `viewer:viggo:${await hashAdminToken('a-token-of-good-length-1234', { ln: 14, r: 8, p: 1 })}`;
  const { admin } = load(
    { ...fullForm, admin: { oidc } },
    { ADMIN_TOKEN_HASH: hash, ADMIN_AUTH_CLIENT_SECRET: 's3cret' },
  );
  assert.deepEqual(
    admin.tokens.map(({ name, role }) => [name, role]),
    [['viggo', 'viewer']],
  );
  assert.equal(admin.oidc?.connection.clientSecret, 's3cret');
  assert.equal(admin.oidc.connection.clientId, 'admin');
  assert.deepEqual(admin.oidc.requiredClaims, [{ role: 'viewer', name: 'groups', values: ['care'] }]);
});
