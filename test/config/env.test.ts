import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configFileFromEnv, isProduction, optionsFromEnv, type Environment } from '../../src/config/env.ts';
import { Report } from '../../src/config/problems.ts';
import type { VARIABLES } from '../../src/config/variables.ts';

/** A value of the right kind for every variable, and the option it makes. */
const values: Readonly<Record<keyof typeof VARIABLES, [string, object]>> = {
  PORT: ['8080', { port: 8080 }],
  HOST: ['127.0.0.1', { host: '127.0.0.1' }],
  PUBLIC_URL: ['https://chat.example.no', { publicUrl: 'https://chat.example.no' }],
  UPSTREAM_URL: ['http://h', { upstream: { url: 'http://h' } }],
  REDIS_URL: ['redis://h', { redisUrl: 'redis://h' }],
  REDIS_TLS_REJECT_UNAUTHORIZED: ['False', { redisTlsRejectUnauthorized: false }],
  SESSION_SECRET: ['a,b', { sessionSecret: 'a,b' }],
  SEAL_KEY: ['a,b', { sealKey: 'a,b' }],
  ASSERTION_KEYS: ['[]', { assertionKeys: [] }],
  PSEUDONYM_KEY: ['a', { pseudonymKey: 'a' }],
  TRUST_PROXY: ['1', { trustProxy: '1' }],
  WEB_CONCURRENCY: ['4', { workers: '4' }],
  LOG_LEVEL: ['debug', { logLevel: 'debug' }],
  AUDIT_STDOUT: ['0', { audit: { stdout: false } }],
  ADMIN_TOKEN_HASH: ['viewer:$', { admin: { tokenHash: 'viewer:$' } }],
  ADMIN_AUTH_CLIENT_SECRET: [' s ', { admin: { oidc: { authClientSecret: ' s ' } } }],
  METRICS_PORT: ['9464', { metricsPort: 9464 }],
  AUTH_CONNECTION_NAME: ['A', { authConnectionName: 'A' }],
  AUTH_CLIENT_ID: ['c', { authClientId: 'c' }],
  AUTH_CLIENT_SECRET: [' s ', { authClientSecret: ' s ' }],
  AUTH_ENDPOINT: ['https://p', { authEndpoint: 'https://p' }],
  AUTH_MAPPING: ["{sub:{MapType:'ChatId'}}", { authMapping: { sub: { MapType: 'ChatId' } } }],
  AUTH_SCOPE: ['openid', { authScope: 'openid' }],
  AUTH_ACR_VALUES: ['idp:nbid', { authAcrValues: 'idp:nbid' }],
  AUTH_TOKEN_AUTH_METHOD: ['client_secret_post', { authTokenAuthMethod: 'client_secret_post' }],
  AUTH_MASKED_CLAIMS: ['a;b', { maskedClaims: 'a;b' }],
  SECURE_QUEUES: ['q1,q2', { secureQueues: 'q1,q2' }],
  RETURN_ORIGINS: ['https://a', { returnOrigins: 'https://a' }],
};

for (const [name, [text, options]] of Object.entries(values)) {
  test(`${name} sets its option`, () => {
    const report = new Report();
    assert.deepEqual(optionsFromEnv({ [name]: text }, report).options, options);
    assert.deepEqual([report.problems, report.warnings], [[], []]);
  });
  test(`${name} counts as unset when it is empty or blank`, () => {
    assert.deepEqual(optionsFromEnv({ [name]: '' }, new Report()).options, {});
    assert.deepEqual(optionsFromEnv({ [name]: '  ' }, new Report()).options, {});
  });
}

const wrong: readonly [string, string][] = [
  ['PORT', '80a'],
  ['PORT', '0x50'],
  ['PORT', '80.5'],
  ['PORT', '-1'],
  ['PORT', '1e3'],
  ['METRICS_PORT', 'on'],
  ['REDIS_TLS_REJECT_UNAUTHORIZED', 'nope'],
  ['AUTH_MAPPING', '{CANARY'],
];
for (const [name, text] of wrong) {
  test(`${name}=${text} is a problem that names the variable and not the value`, () => {
    const report = new Report();
    assert.deepEqual(optionsFromEnv({ [name]: text }, report).options, {});
    assert.deepEqual(
      report.problems.map(({ path }) => path),
      [name],
    );
    assert.doesNotMatch(JSON.stringify(report.problems), /CANARY|80a/);
  });
}

test('booleans are true, false, 1 and 0 in any case', () => {
  const read = (text: string) =>
    optionsFromEnv({ REDIS_TLS_REJECT_UNAUTHORIZED: text }, new Report()).options[
      'redisTlsRejectUnauthorized'
    ];
  assert.deepEqual(['true', 'TRUE', '1', 'false', '0'].map(read), [true, true, true, false, false]);
});

test('a misspelt AUTH_ variable is worth a warning, without its value', () => {
  const report = new Report();
  optionsFromEnv({ AUTH_CLIENT_SECERT: 'CANARY', OTHER: 'x', AUTH_ZEBRA: '' }, report);
  assert.deepEqual(report.warnings, [
    'AUTH_CLIENT_SECERT is no variable of the gateway; did you mean "AUTH_CLIENT_SECRET"?',
  ]);
});

const productions: readonly [Environment, boolean][] = [
  [{ NODE_ENV: 'production' }, true],
  [{ NODE_ENV: 'production ' }, true],
  [{ NODE_ENV: 'development' }, false],
  [{}, false],
];
for (const [env, expected] of productions) {
  test(`NODE_ENV ${JSON.stringify(env['NODE_ENV'])} is ${expected ? '' : 'not '}production`, () => {
    assert.equal(isProduction(env), expected);
  });
}

test('CONFIG_FILE names the file, unless it is empty', () => {
  assert.equal(configFileFromEnv({ CONFIG_FILE: 'a.json' }), 'a.json');
  assert.equal(configFileFromEnv({ CONFIG_FILE: '' }), undefined);
});
