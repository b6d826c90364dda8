import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportJWK, generateKeyPair } from 'jose';
import { startProvider } from '../support/provider.ts';
import { connectionTo, cookiesOf, makeRig, PERSON, soon } from './rig.ts';

test('a silent login ends with a code that becomes claims', async (t) => {
  const rig = await makeRig(t);
  const outcome = await rig.login({ retry: true, display: 'popup' });
  assert.ok(outcome.kind === 'code');
  assert.equal(outcome.connection, rig.connection);
  const { returnTo, queueKey, display, retry } = outcome.transaction;
  assert.deepEqual(
    [returnTo, queueKey, display, retry],
    ['https://chat.example.no/chat?x=1', 'q_bank', 'popup', true],
  );
  // the waiting code survives being stored as JSON
  const waiting = JSON.parse(JSON.stringify(outcome.waiting)) as typeof outcome.waiting;
  assert.equal((await rig.logins.redeem(rig.connection, waiting, soon())).name, PERSON.name);
});

test('an issuer below a path works too', async (t) => {
  const rig = await makeRig(t, { provider: { path: '/oidc' } });
  assert.equal((await rig.redeem()).name, PERSON.name);
});

test('a provider without iss in its responses works too', async (t) => {
  const rig = await makeRig(t, { provider: { iss: false } });
  assert.equal((await rig.redeem()).name, PERSON.name);
});

test('nobody is logged in: an ordinary outcome, the attempt is spent, the token endpoint is not called (D5)', async (t) => {
  const rig = await makeRig(t);
  rig.provider.setPerson(undefined);
  const { location, setCookies } = await rig.start();
  const request = { rawQuery: await rig.answerTo(location), cookieHeader: cookiesOf(setCookies) };
  const outcome = await rig.logins.finish(request);
  assert.ok(outcome.kind === 'error');
  assert.equal(outcome.error, 'login_required');
  assert.equal(outcome.clearCookies.length, 1);
  await assert.rejects(rig.logins.finish(request), { code: 'state_mismatch' });
  assert.equal(rig.provider.calls('token'), 0);
});

test('an invented error comes back as provider_error', async (t) => {
  const rig = await makeRig(t);
  rig.provider.behave({ authorizeError: 'the_moon_is_full' });
  const outcome = await rig.login();
  assert.ok(outcome.kind === 'error');
  assert.equal(outcome.error, 'provider_error');
});

test('a callback is used once: Back and replay end in state_mismatch (D1, D14)', async (t) => {
  const rig = await makeRig(t);
  const { location, setCookies } = await rig.start();
  const request = { rawQuery: await rig.answerTo(location), cookieHeader: cookiesOf(setCookies) };
  assert.equal((await rig.logins.finish(request)).kind, 'code');
  await assert.rejects(rig.logins.finish(request), { code: 'state_mismatch' });
});

test('the callback of another browser is refused (D15)', async (t) => {
  const rig = await makeRig(t);
  const [mine, theirs] = [await rig.start(), await rig.start()];
  const rawQuery = await rig.answerTo(mine.location);
  await assert.rejects(rig.logins.finish({ rawQuery, cookieHeader: cookiesOf(theirs.setCookies) }), {
    code: 'state_mismatch',
  });
});

test('a malformed callback leaves the transaction alone', async (t) => {
  const rig = await makeRig(t);
  const { location, setCookies } = await rig.start();
  const rawQuery = await rig.answerTo(location);
  const cookieHeader = cookiesOf(setCookies);
  await assert.rejects(rig.logins.finish({ rawQuery: `${rawQuery}&code=other`, cookieHeader }), {
    code: 'request_malformed',
  });
  assert.equal((await rig.logins.finish({ rawQuery, cookieHeader })).kind, 'code');
});

for (const [name, params] of [
  ['another issuer', { iss: 'https://evil.example' }],
  ['no issuer though promised', { iss: null }],
] as const) {
  test(`refused with state_mismatch, the cookie cleared, the transaction gone: ${name} (D4)`, async (t) => {
    const rig = await makeRig(t);
    rig.provider.behave({ authorizeParams: params });
    const outcome = await rig.login();
    assert.ok(outcome.kind === 'refused');
    assert.equal(outcome.error.code, 'state_mismatch');
    assert.equal(outcome.clearCookies.length, 1);
    assert.equal(rig.logs.filter(({ level }) => level === 'warn').length, 1);
  });
}

test('refused with request_malformed: a response without code and error', async (t) => {
  const rig = await makeRig(t);
  rig.provider.behave({ authorizeParams: { code: null } });
  const outcome = await rig.login();
  assert.ok(outcome.kind === 'refused');
  assert.equal(outcome.error.code, 'request_malformed');
});

test('refused with transaction_expired: an answer after ten minutes', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const rig = await makeRig(t);
  const { location, setCookies } = await rig.start();
  const rawQuery = await rig.answerTo(location);
  t.mock.timers.setTime(Date.now() + 600_001);
  const outcome = await rig.logins.finish({ rawQuery, cookieHeader: cookiesOf(setCookies) });
  assert.ok(outcome.kind === 'refused');
  assert.equal(outcome.error.code, 'transaction_expired');
});

test('a transaction of connection A is answered by the issuer of A only, though B is configured too (D4)', async (t) => {
  const other = await startProvider({ person: PERSON });
  t.after(() => other.stop());
  const second = connectionTo(other.issuer, { id: '["12345","Other"]', name: 'Other' });
  const rig = await makeRig(t, { more: () => [second] });
  const { location, setCookies } = await rig.start();
  const { searchParams } = new URL(location);
  const crossed = await rig.answerTo(`${other.issuer}/authorize?${searchParams.toString()}`);
  const outcome = await rig.logins.finish({ rawQuery: crossed, cookieHeader: cookiesOf(setCookies) });
  assert.ok(outcome.kind === 'refused');
  assert.equal(outcome.error.code, 'state_mismatch');
  assert.equal(other.calls('token'), 0);
});

test('a code of connection A is worth nothing at connection B (D17)', async (t) => {
  const rig = await makeRig(t, {
    provider: { clients: { portal: { secret: 'portal-secret' }, second: { secret: 'two' } } },
    more: ({ issuer }) => [connectionTo(issuer, { id: 'B', clientId: 'second', clientSecret: 'two' })],
  });
  const outcome = await rig.login();
  assert.ok(outcome.kind === 'code');
  const second = connectionTo(rig.provider.issuer, { id: 'B' });
  await assert.rejects(rig.logins.redeem(second, outcome.waiting, soon()), { code: 'code_expired' });
});

test('start says provider_unavailable while the provider is away', async (t) => {
  const rig = await makeRig(t);
  await rig.provider.down();
  await assert.rejects(rig.start(), { code: 'provider_unavailable' });
});

test('signed requests travel as a request object, with nothing beside it but the client', async (t) => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const requestKey = { ...(await exportJWK(publicKey)), alg: 'ES256' };
  const signing = { ...(await exportJWK(privateKey)), kty: 'EC', kid: 'sig-1' };
  const clients = { portal: { secret: 'portal-secret', requestKey } };
  const rig = await makeRig(t, { provider: { clients }, connection: () => ({ requestSigningKey: signing }) });
  const { location } = await rig.start();
  assert.deepEqual([...new URL(location).searchParams.keys()].sort(), ['client_id', 'request']);
  assert.equal((await rig.redeem()).name, PERSON.name);
});

test('pushed requests leave only a reference in the address', async (t) => {
  const rig = await makeRig(t, { connection: () => ({ pushedRequests: true }) });
  const { location } = await rig.start();
  assert.deepEqual([...new URL(location).searchParams.keys()].sort(), ['client_id', 'request_uri']);
  assert.equal((await rig.redeem()).name, PERSON.name);
});

test('signed and pushed at once', async (t) => {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const requestKey = { ...(await exportJWK(publicKey)), alg: 'RS256' };
  const signing = { ...(await exportJWK(privateKey)), kty: 'RSA' };
  const clients = { portal: { secret: 'portal-secret', requestKey } };
  const rig = await makeRig(t, {
    provider: { clients },
    connection: () => ({ requestSigningKey: signing, pushedRequests: true }),
  });
  assert.equal((await rig.redeem()).name, PERSON.name);
  assert.ok(rig.provider.requests.find(({ endpoint }) => endpoint === 'par')?.body.has('request'));
});

for (const [par, code] of [
  ['hang', 'provider_unavailable'],
  [503, 'provider_unavailable'],
  ['html', 'provider_error'],
  ['redirect', 'provider_error'],
  [400, 'provider_error'],
] as const) {
  test(`a pushed request that fails (${par}) is ${code}`, async (t) => {
    const rig = await makeRig(t, { connection: () => ({ pushedRequests: true }), timeoutMs: 300 });
    rig.provider.behave({ par });
    await assert.rejects(rig.start(), { code });
  });
}

test('the address that ends the login at the provider names the client and the way back', async (t) => {
  const rig = await makeRig(t);
  const address = await rig.logins.endSessionUrl(rig.connection, 'https://chat.example.no/bye');
  const { pathname, searchParams } = new URL(address ?? '');
  assert.equal(pathname, '/session/end');
  assert.deepEqual(Object.fromEntries(searchParams), {
    client_id: 'portal',
    post_logout_redirect_uri: 'https://chat.example.no/bye',
  });
});

test('a provider without such an address has none', async (t) => {
  const rig = await makeRig(t);
  rig.provider.behave({ discovery: { end_session_endpoint: null } });
  assert.equal(await rig.logins.endSessionUrl(rig.connection, 'https://chat.example.no/bye'), undefined);
});

test('logs hold no state, nonce, verifier, code, cookie or claim (G3)', async (t) => {
  const rig = await makeRig(t);
  const { location, setCookies } = await rig.start();
  const cookieHeader = cookiesOf(setCookies);
  const rawQuery = await rig.answerTo(location);
  const outcome = await rig.logins.finish({ rawQuery, cookieHeader });
  assert.ok(outcome.kind === 'code');
  await rig.logins.redeem(rig.connection, outcome.waiting, soon());
  const { searchParams } = new URL(location);
  const { code, codeVerifier = '-', nonce = '-' } = outcome.waiting;
  const secrets = [
    code,
    codeVerifier,
    nonce,
    searchParams.get('state') ?? '-',
    cookieHeader.split('=')[1] ?? '-',
  ];
  const logged = JSON.stringify(rig.logs);
  for (const secret of [...secrets, PERSON.sub, PERSON['signicat.national_id']])
    assert.ok(!logged.includes(secret));
  assert.ok(!location.includes(codeVerifier));
});
