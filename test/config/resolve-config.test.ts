import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveConfig } from '../../src/config/config.ts';
import { development, fourLines, fullForm, placesOf, problemsOf, production, resolved } from './examples.ts';

test('the four lines make the customer default with one connection and its secure queues', () => {
  const config = resolved();
  assert.equal(config.customers.length, 1);
  const [customer] = config.customers;
  assert.equal(customer?.customerKey, 'default');
  assert.deepEqual(customer.returnOrigins, []);
  const [connection] = customer.connections;
  assert.equal(connection?.name, 'Signicat');
  assert.equal(connection.clientId, 'puzzelchatssodev');
  assert.equal(connection.endpoint, 'https://preprod.signicat.com/oidc');
  assert.equal(connection.clientSecret, undefined);
  assert.deepEqual(
    customer.queues.map(({ queueKey, connection: secureBy }) => [queueKey, secureBy === connection]),
    [
      ['q_bank', true],
      ['q_loans', true],
    ],
  );
});

test('the mapping keeps its order, its descriptions and gets its header names', () => {
  const mapping = resolved().customers[0]?.connections[0]?.mapping ?? [];
  assert.deepEqual(mapping.slice(0, 4), [
    {
      claim: 'AuthProvider',
      mapType: 'Variable',
      description: 'Authentication',
      headerSuffix: 'Variable-AuthProvider',
    },
    { claim: 'AuthUserId', mapType: 'ChatId', description: 'Name', headerSuffix: 'Variable-AuthUserId' },
    {
      claim: 'national_id',
      mapType: 'Variable',
      description: 'Personnummer',
      headerSuffix: 'Variable-national-id',
    },
    { claim: 'given_name', mapType: 'NickName', description: undefined, headerSuffix: 'Variable-given-name' },
  ]);
});

test('what nobody writes has its documented default', () => {
  const { publicUrl, publicOrigin, publicPath, secureCookies, upstream, ...config } = resolved();
  assert.deepEqual(
    { publicUrl, publicOrigin, publicPath, secureCookies },
    {
      publicUrl: 'http://localhost:3000',
      publicOrigin: 'http://localhost:3000',
      publicPath: '',
      secureCookies: false,
    },
  );
  assert.deepEqual(upstream, {
    origin: 'http://127.0.0.1:8080',
    basePath: '',
    timeoutMs: 25_000,
    idleTimeoutMs: 300_000,
  });
  assert.equal(config.headerPrefix, 'X-Secure-Chat-');
  assert.equal(config.headerLimitBytes, 8192);
  assert.equal(config.routePrefix, '/secure-chat');
  assert.equal(config.preset, undefined);
  assert.equal(config.unknownQueues, 'open');
  assert.equal(config.redis, undefined);
  assert.equal(config.trustProxy, undefined);
  assert.equal(config.loginsPerMinute, 600);
  assert.equal(config.providerTimeoutMs, 5000);
  assert.equal(config.logLevel, 'info');
  assert.equal(config.port, 3000);
  assert.equal(config.host, '0.0.0.0');
  assert.equal(config.session.cookieName, 'secure-chat');
  assert.equal(config.session.idleSeconds, 1800);
  assert.equal(config.session.absoluteSeconds, 28_800);
  const none = {
    method: undefined,
    path: undefined,
    query: undefined,
    header: undefined,
    body: undefined,
    queueKey: undefined,
  };
  assert.deepEqual(config.queueRules, [
    { ...none, path: '/queues/:queueKey{/*rest}' },
    { ...none, query: 'queueKey' },
  ]);
  const [connection] = config.customers[0]?.connections ?? [];
  assert.equal(connection?.scope, 'openid profile');
  assert.equal(connection.tokenAuthMethod, 'client_secret_basic');
  assert.equal(connection.prompt, 'none');
  assert.equal(connection.codeRedemption, 'queue-entry');
  assert.equal(connection.pushedRequests, false);
  assert.equal(connection.clockToleranceSeconds, 120);
  assert.deepEqual(connection.maskedClaims, []);
  assert.deepEqual(connection.decryptionKeys, []);
});

test("the contract's full form resolves, vendor names renamed", () => {
  const config = resolveConfig(fullForm, development);
  assert.equal(config.publicUrl, 'https://chat.example.no');
  assert.equal(config.secureCookies, true);
  assert.equal(config.preset, 'puzzel-v1');
  const [customer] = config.customers;
  assert.equal(customer?.customerKey, '12345');
  assert.deepEqual(customer.returnOrigins, ['https://www.bank.example']);
  const [connection] = customer.connections;
  assert.equal(connection?.clientSecret, '...');
  assert.equal(connection.scope, 'openid profile signicat.national_id');
  assert.equal(connection.acrValues, 'urn:signicat:oidc:method:nbid');
  assert.deepEqual(connection.maskedClaims, ['national_id', 'signicat.national_id', 'nin']);
  assert.deepEqual(connection.mapping, []);
  assert.equal(customer.queues[0]?.connection, connection);
  assert.equal(customer.queues[1]?.connection, undefined);
  assert.equal(config.queueRules.length, 4);
});

test('every key of a connection is renamed and kept', () => {
  const rsa = { kty: 'RSA' as const, n: 'n', e: 'AQAB', d: 'd', kid: 'k1' };
  const config = resolved({
    authClientSecret: 's3',
    authTokenAuthMethod: 'client_secret_post',
    codeRedemption: 'callback',
    pseudonymizedClaims: 'sub; email',
    maskedClaims: ['passport'],
    authDecryptionKeys: { keys: [rsa] },
    authRequestSigningKey: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' },
    authPushedRequests: true,
    clockToleranceSeconds: 5,
    authIssuer: 'https://issuer.example/',
    authAuthorizationEndpoint: 'https://a.example/authorize?tenant=1',
    authTokenEndpoint: 'https://a.example/token',
    authUserinfoEndpoint: 'https://a.example/userinfo',
    authJwksUri: 'https://a.example/jwks',
    authEndSessionEndpoint: 'https://a.example/end',
  });
  const connection = config.customers[0]?.connections[0];
  assert.equal(connection?.clientSecret, 's3');
  assert.equal(connection.tokenAuthMethod, 'client_secret_post');
  assert.equal(connection.codeRedemption, 'callback');
  assert.deepEqual(connection.pseudonymizedClaims, ['sub', 'email']);
  assert.deepEqual(connection.maskedClaims, ['passport']);
  assert.deepEqual(connection.decryptionKeys, [rsa]);
  assert.equal(connection.requestSigningKey?.kty, 'EC');
  assert.equal(connection.pushedRequests, true);
  assert.equal(connection.clockToleranceSeconds, 5);
  assert.deepEqual(connection.overrides, {
    issuer: 'https://issuer.example/',
    authorization_endpoint: 'https://a.example/authorize?tenant=1',
    token_endpoint: 'https://a.example/token',
    userinfo_endpoint: 'https://a.example/userinfo',
    jwks_uri: 'https://a.example/jwks',
    end_session_endpoint: 'https://a.example/end',
  });
});

test('connection ids differ for every pair of customer and name', () => {
  const connection = (authConnectionName: string) => ({
    authConnectionName,
    authClientId: 'c',
    authEndpoint: 'https://p.example',
  });
  const config = resolveConfig(
    {
      upstream: fourLines.upstream,
      customers: [
        { customerKey: 'a', connections: [connection('b","c'), connection('b')] },
        { customerKey: 'a","b', connections: [connection('c')] },
        { customerKey: 'b', connections: [connection('b')] },
      ],
    },
    development,
  );
  const ids = config.customers.flatMap((customer) => customer.connections.map(({ id }) => id));
  assert.equal(new Set(ids).size, 4);
});

test('the configuration is frozen through and through, and shares nothing with the options', () => {
  const options = { ...fourLines, authDecryptionKeys: [{ kty: 'RSA' as const, n: 'n', e: 'e', d: 'd' }] };
  const config = resolveConfig(options, development);
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
    assert.ok(Object.isFrozen(value), JSON.stringify(value));
    Object.values(value).forEach(visit);
  };
  visit(config);
  assert.equal(Object.isFrozen(options.authDecryptionKeys[0]), false);
  assert.equal(Object.isFrozen(options.authMapping), false);
});

test('the drop-in needs no upstream, the gateway does', () => {
  const options = { ...fourLines, upstream: undefined };
  assert.deepEqual(placesOf(options), ['upstream']);
  assert.deepEqual(placesOf(options, { production: false, face: 'middleware' }), []);
  assert.equal(resolveConfig(options, { production: false, face: 'middleware' }).upstream, undefined);
});

test('a key with undefined is the same as an absent one', () => {
  assert.deepEqual(
    placesOf({
      ...fourLines,
      customers: undefined,
      publicUrl: undefined,
      redisUrl: undefined,
      queueRules: [{ query: 'q', body: undefined, path: undefined }],
      session: { idleSeconds: undefined },
    }),
    [],
  );
  assert.equal(resolved({ session: { idleSeconds: undefined } }).session.idleSeconds, 1800);
});

test('without any connection the gateway does not start', () => {
  const [problem] = problemsOf({ upstream: 'http://127.0.0.1:1' });
  assert.equal(problem?.path, 'customers');
  assert.match(problem.expected, /authConnectionName/);
});

test('production demands publicUrl, Redis and a session secret', () => {
  assert.deepEqual(placesOf(fourLines, production).sort(), ['publicUrl', 'redisUrl', 'sessionSecret']);
});

test('a complete production configuration starts', () => {
  const config = resolved(
    {
      publicUrl: 'https://chat.example.no/chat/',
      redisUrl: 'rediss://:pw@h:6380',
      sessionSecret: 'k3jh5-9d8fg-qwz81-mnb0v-c4x7z-lk6pa',
    },
    production,
  );
  assert.equal(config.publicUrl, 'https://chat.example.no/chat');
  assert.equal(config.publicPath, '/chat');
  assert.equal(config.publicOrigin, 'https://chat.example.no');
  assert.deepEqual(config.redis, { url: 'rediss://:pw@h:6380', tlsRejectUnauthorized: true });
  assert.deepEqual(config.warnings, [
    'authClientSecret is not set: this client must be public at the provider (PKCE alone)',
  ]);
});
