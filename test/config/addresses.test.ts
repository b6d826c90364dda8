import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopbackHost } from '../../src/config/addresses.ts';
import { fourLines, placesOf, problemsOf, production, resolved } from './examples.ts';

const goodAddresses = [
  'https://chat.example.no',
  'https://chat.example.no:8443/base',
  'HTTPS://Chat.Example.no/',
  'http://localhost:3000',
  'http://app.localhost',
  'http://127.0.0.1:8080',
  'http://127.9.8.7',
  'http://[::1]:3000',
];
const badAddresses = [
  'http://chat.example.no',
  'http://localhost.evil.example',
  'http://127.0.0.1.nip.io',
  'http://evil-localhost',
  'http://128.0.0.1',
  'http://[::2]',
  'http://0.0.0.0',
  'https://user@chat.example.no',
  'https://user:pw@chat.example.no',
  'https://@chat.example.no',
  'https://chat.example.no/?',
  'https://chat.example.no/?a=1',
  'https://chat.example.no/#',
  'https://chat.example.no#x',
  'https:chat.example.no',
  'https:///chat.example.no',
  'https:\\\\chat.example.no',
  'https://chat.example.no\\@evil.example',
  ' https://chat.example.no',
  'https://chat.exa\tmple.no',
  'https://chat example.no',
  'https://',
  'https://a:99999',
  'chat.example.no',
  '//chat.example.no',
  'ftp://chat.example.no',
  'javascript:alert(1)',
];
const addressKeys = ['publicUrl', 'authEndpoint', 'authIssuer', 'authTokenEndpoint', 'authJwksUri'] as const;

for (const key of addressKeys) {
  for (const address of goodAddresses) {
    test(`${key} takes ${address}`, () => {
      assert.deepEqual(placesOf({ ...fourLines, [key]: address }), []);
    });
  }
  for (const address of badAddresses) {
    if (key.endsWith('Endpoint') && key !== 'authEndpoint' && address.includes('?')) continue;
    if (key === 'authJwksUri' && address.includes('?')) continue;
    test(`${key} refuses ${JSON.stringify(address)}`, () => {
      assert.deepEqual(placesOf({ ...fourLines, [key]: address }), [key]);
    });
  }
}

for (const key of ['authAuthorizationEndpoint', 'authUserinfoEndpoint', 'authEndSessionEndpoint']) {
  test(`${key} may have a query, and is https`, () => {
    assert.deepEqual(placesOf({ ...fourLines, [key]: 'https://p.example/x?tenant=1' }), []);
    assert.deepEqual(placesOf({ ...fourLines, [key]: 'http://p.example/x' }), [key]);
  });
}

test('plain http on loopback holds in production too', () => {
  assert.ok(
    !placesOf({ ...fourLines, publicUrl: 'http://localhost:3000' }, production).includes('publicUrl'),
  );
  assert.ok(
    placesOf({ ...fourLines, publicUrl: 'http://chat.example.no' }, production).includes('publicUrl'),
  );
});

test('the upstream may be plain http anywhere, but is an address without extras', () => {
  assert.deepEqual(placesOf({ ...fourLines, upstream: 'http://chat.internal:8080' }), []);
  assert.deepEqual(placesOf({ ...fourLines, upstream: { url: 'http://10.0.0.1/base' } }), []);
  for (const url of [
    'http://u:p@chat.internal',
    'http://chat.internal/?a',
    'ws://chat.internal',
    'chat:8080',
  ]) {
    assert.deepEqual(placesOf({ ...fourLines, upstream: url }), ['upstream'], url);
    assert.deepEqual(placesOf({ ...fourLines, upstream: { url } }), ['upstream.url'], url);
  }
});

test('addresses are taken apart: origin, path without slashes at its end', () => {
  const config = resolved({
    upstream: 'http://Chat.internal:80/a/b//',
    publicUrl: 'https://Chat.example.no:443/',
  });
  assert.equal(config.upstream?.origin, 'http://chat.internal');
  assert.equal(config.upstream.basePath, '/a/b');
  assert.equal(config.publicUrl, 'https://chat.example.no');
  assert.equal(config.publicPath, '');
});

for (const path of ['/a//b', '/a%2fb', '/a;b', '/a.', '/æ']) {
  test(`publicUrl refuses the path ${path}, which has more than one reading`, () => {
    assert.deepEqual(placesOf({ ...fourLines, publicUrl: `https://chat.example.no${path}/c` }), [
      'publicUrl',
    ]);
  });
}

test('the discovery document is not the issuer, and the cure is named', () => {
  const authEndpoint = 'https://preprod.signicat.com/oidc/.well-known/openid-configuration';
  const [problem] = problemsOf({ ...fourLines, authEndpoint });
  assert.equal(problem?.path, 'authEndpoint');
  assert.match(problem.hint ?? '', /leave out \/\.well-known/);
});

test('an endpoint loses the slash at its end, an issuer override keeps every character', () => {
  const config = resolved({ authEndpoint: 'https://p.example/oidc/', authIssuer: 'https://P.example/oidc/' });
  const connection = config.customers[0]?.connections[0];
  assert.equal(connection?.endpoint, 'https://p.example/oidc');
  assert.deepEqual(connection.overrides, { issuer: 'https://P.example/oidc/' });
});

const origins: readonly [string | string[], string[]][] = [
  ['https://www.bank.example, https://bank.example', ['https://www.bank.example', 'https://bank.example']],
  [['https://Bank.example:443', 'https://bank.example'], ['https://bank.example']],
  ['http://localhost:5173', ['http://localhost:5173']],
  [['https://bøk.example'], ['https://xn--bk-lka.example']],
  [[], []],
];
for (const [written, read] of origins) {
  test(`returnOrigins ${JSON.stringify(written)} are read as browsers write them`, () => {
    assert.deepEqual(resolved({ returnOrigins: written }).customers[0]?.returnOrigins, read);
  });
}

const badOrigins = [
  'http://www.bank.example',
  'https://www.bank.example/',
  'https://www.bank.example/path',
  'https://www.bank.example?x',
  'https://*.bank.example',
  'https://*',
  '*',
  'null',
  'www.bank.example',
  'https://user@www.bank.example',
];
for (const origin of badOrigins) {
  test(`returnOrigins refuse ${origin} and name its place`, () => {
    assert.deepEqual(placesOf({ ...fourLines, returnOrigins: ['https://a.example', origin] }), [
      'returnOrigins[1]',
    ]);
  });
}

test('loopback hosts are told from their look-alikes', () => {
  for (const host of ['localhost', 'a.localhost', '127.0.0.1', '[::1]'])
    assert.ok(isLoopbackHost(host), host);
  for (const host of ['localhost.', 'xlocalhost', '127.0.0.1.example', '[::ffff:7f00:1]', '']) {
    assert.ok(!isLoopbackHost(host), host);
  }
});
