import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProviderFetch, type ProviderFetch } from '../../src/oidc/provider-fetch.ts';
import { createProvider } from '../../src/oidc/provider.ts';
import type { Connection } from '../../src/config/gateway-config.ts';
import { startProvider, type Behaviour, type ProviderOptions } from '../support/provider.ts';
import { connectionTo, soon } from './rig.ts';
import { until } from '../support/until.ts';

type Test = { after(end: () => Promise<void>): void };

async function rig(
  t: Test,
  options: ProviderOptions = {},
  changes: (issuer: string) => Partial<Connection> = () => ({}),
) {
  const remote = await startProvider(options);
  const { fetch, close } = createProviderFetch({ timeoutMs: 2000 });
  t.after(async () => {
    await Promise.all([close(), remote.stop()]);
  });
  const clock = { now: 1_000_000 };
  const provider = createProvider(
    connectionTo(remote.issuer, changes(remote.issuer)),
    fetch,
    () => clock.now,
  );
  return { remote, provider, clock, fetch };
}

const complete = (issuer: string): Partial<Connection> => ({
  overrides: {
    authorization_endpoint: `${issuer}/a`,
    token_endpoint: `${issuer}/t`,
    jwks_uri: `${issuer}/j`,
  },
});

test('nothing is asked before the first use, then once for all who wait', async (t) => {
  const { remote, provider } = await rig(t, { path: '/oidc' });
  assert.equal(remote.requests.length, 0);
  const all = await Promise.all(Array.from({ length: 20 }, () => provider.metadata()));
  assert.equal(remote.calls('discovery'), 1);
  assert.equal(all[0]?.token_endpoint, `${remote.issuer}/token`);
  assert.equal(remote.requests[0]?.url.pathname, '/oidc/.well-known/openid-configuration');
});

test('after an hour it is read again in the background, while the old copy serves', async (t) => {
  const { remote, provider, clock } = await rig(t);
  await provider.metadata();
  remote.behave({ discovery: { token_endpoint: `${remote.issuer}/token2` } });
  clock.now += 3_600_001;
  assert.equal((await provider.metadata()).token_endpoint, `${remote.issuer}/token`);
  await until(
    'the new document',
    async () => (await provider.metadata()).token_endpoint === `${remote.issuer}/token2`,
  );
  assert.equal(remote.calls('discovery'), 2);
});

test('the old copy serves for as long as the provider is away', async (t) => {
  const { remote, provider, clock } = await rig(t);
  await provider.metadata();
  await remote.down();
  for (let hour = 0; hour < 3; hour += 1) {
    clock.now += 3_600_001;
    assert.equal((await provider.metadata()).issuer, remote.issuer);
  }
});

test('a failed discovery is not repeated in a rush, and soon enough is', async (t) => {
  const { remote, provider, clock } = await rig(t);
  remote.behave({ discovery: 503 });
  for (let i = 0; i < 10; i += 1) await assert.rejects(provider.metadata(), { code: 'provider_unavailable' });
  assert.equal(remote.calls('discovery'), 1);
  remote.behave({});
  clock.now += 250;
  assert.equal((await provider.metadata()).issuer, remote.issuer);
});

test('the pause grows to five seconds and no further', async (t) => {
  const { remote, provider, clock } = await rig(t);
  remote.behave({ discovery: 503 });
  for (let i = 0; i < 12; i += 1) {
    await assert.rejects(provider.metadata());
    clock.now += 5000;
  }
  assert.equal(remote.calls('discovery'), 12);
});

const failures: [string, NonNullable<Behaviour['discovery']>, string][] = [
  ['a page', 'html', 'provider_error'],
  ['a redirect', 'redirect', 'provider_error'],
  ['an array', 'array', 'provider_error'],
  ['10 MB', 'huge', 'provider_error'],
  ['404', 404, 'provider_error'],
  ['500', 500, 'provider_unavailable'],
  ['429', 429, 'provider_unavailable'],
  ['no answer', 'hang', 'provider_unavailable'],
  ['a cut connection', 'drop', 'provider_unavailable'],
  ['another issuer', { issuer: 'https://evil.example' }, 'provider_error'],
  ['no issuer', { issuer: null }, 'provider_error'],
  ['an issuer that only begins alike', { issuer: 'http://127.0.0.1.evil.example' }, 'provider_error'],
  ['no token endpoint', { token_endpoint: null }, 'provider_error'],
  ['no key set', { jwks_uri: null }, 'provider_error'],
  ['an endpoint in clear elsewhere', { token_endpoint: 'http://provider.example/token' }, 'provider_error'],
  ['an endpoint that is a file', { jwks_uri: 'file:///etc/passwd' }, 'provider_error'],
  ['an endpoint that is no text', { userinfo_endpoint: 7 }, 'provider_error'],
];
for (const [name, discovery, code] of failures) {
  test(`${code}: the document is ${name}`, async (t) => {
    const { remote, provider } = await rig(t);
    remote.behave({ discovery });
    await assert.rejects(provider.metadata(), { code });
  });
}

test('an https provider cannot send calls to this machine in clear (D12)', async () => {
  const document = {
    issuer: 'https://provider.example',
    authorization_endpoint: 'https://provider.example/a',
    token_endpoint: 'https://provider.example/t',
    jwks_uri: 'http://127.0.0.1:6379/',
  };
  const answering: ProviderFetch = () => Promise.resolve(Response.json(document));
  await assert.rejects(createProvider(connectionTo('https://provider.example'), answering).metadata(), {
    code: 'provider_error',
  });
});

test('a slash at the end of the issuer is tolerated, and the provider keeps its own spelling', async (t) => {
  const { remote, provider } = await rig(t);
  remote.behave({ discovery: { issuer: `${remote.issuer}/` } });
  assert.equal((await provider.metadata()).issuer, `${remote.issuer}/`);
});

test('overrides replace single members', async (t) => {
  const { provider } = await rig(t, {}, () => ({
    overrides: { token_endpoint: 'http://127.0.0.1:1/token' },
  }));
  const metadata = await provider.metadata();
  assert.equal(metadata.token_endpoint, 'http://127.0.0.1:1/token');
  assert.ok(metadata.jwks_uri.endsWith('/jwks.json'));
});

test('authIssuer is the issuer, whether the document names it or the endpoint', async (t) => {
  const { remote, provider } = await rig(t, {}, () => ({ overrides: { issuer: 'https://real.example' } }));
  assert.equal((await provider.metadata()).issuer, 'https://real.example');
  assert.equal(remote.calls('discovery'), 1);
});

for (const discovery of ['html', 404, 'hang', 'drop', 500] as const) {
  test(`complete overrides need no document: ${discovery}`, async (t) => {
    const { remote, provider } = await rig(t, {}, complete);
    remote.behave({ discovery });
    const metadata = await provider.metadata();
    assert.deepEqual([metadata.issuer, metadata.token_endpoint], [remote.issuer, `${remote.issuer}/t`]);
    assert.equal(metadata.userinfo_endpoint, undefined);
  });
}

test('only algorithms with public keys are offered to openid-client', async (t) => {
  const { remote, provider } = await rig(t);
  remote.behave({
    discovery: { id_token_signing_alg_values_supported: ['none', 'HS256', 'ES256', 'RS256', 'XX'] },
  });
  const { id_token_signing_alg_values_supported } = await provider.metadata();
  assert.deepEqual(id_token_signing_alg_values_supported, ['RS256', 'ES256']);
});

test('a refused connection is told from one that broke: only the first was not sent', async (t) => {
  const { remote, fetch } = await rig(t);
  const call = { method: 'POST', headers: {}, body: new URLSearchParams({ code: 'c' }) };
  remote.behave({ token: 'drop' });
  await assert.rejects(fetch(`${remote.issuer}/token`, call), {
    code: 'provider_unavailable',
    notSent: false,
  });
  remote.behave({ token: 'hang' });
  await assert.rejects(fetch(`${remote.issuer}/token`, call), {
    code: 'provider_unavailable',
    notSent: false,
  });
  await remote.down();
  await assert.rejects(fetch(`${remote.issuer}/token`, call), {
    code: 'provider_unavailable',
    notSent: true,
  });
  await assert.rejects(fetch('http://no-such-host.invalid/', call), {
    code: 'provider_unavailable',
    notSent: true,
  });
});

for (const discovery of ['huge', 'redirect'] as const) {
  test(`a call whose answer is ${discovery} is provider_error, whatever it would have said`, async (t) => {
    const { remote, fetch } = await rig(t);
    remote.behave({ discovery });
    const call = { method: 'GET', headers: {}, body: undefined };
    await assert.rejects(fetch(`${remote.issuer}/.well-known/openid-configuration`, call), {
      code: 'provider_error',
    });
  });
}

test('the deadline of a request bounds a call below the provider timeout', async (t) => {
  const { remote, fetch } = await rig(t);
  remote.behave({ discovery: 'hang' });
  const began = performance.now();
  const call = { method: 'GET', headers: {}, body: undefined };
  await assert.rejects(fetch(`${remote.issuer}/.well-known/openid-configuration`, call, soon(50)), {
    code: 'provider_unavailable',
  });
  assert.ok(performance.now() - began < 1800);
});
