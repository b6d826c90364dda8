import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import passport from 'passport';
import type { Connection } from '../../src/config/gateway-config.ts';
import { createStrategies, type Leg } from '../../src/oidc/strategy.ts';
import { connectionTo } from './rig.ts';

const REDIRECT_URI = 'https://chat.example.no/secure-chat/callback';
const ISSUER = 'https://provider.example/oidc';

const begun = { state: 'S'.repeat(43), nonce: 'N'.repeat(43), codeVerifier: 'V'.repeat(43), setCookies: [] };
const transaction = {
  connectionId: 'c',
  customerKey: '12345',
  queueKey: 'q_bank',
  returnTo: 'https://chat.example.no/',
  display: 'page' as const,
  interactive: false,
  retry: false,
  issuer: ISSUER,
  issPromised: false,
  nonce: begun.nonce,
  codeVerifier: begun.codeVerifier,
  createdAt: 0,
};

function strategies(connection: Connection) {
  return createStrategies([connection], REDIRECT_URI, (_connection, parameters) =>
    Promise.resolve(new URL(`${ISSUER}/authorize?${parameters.toString()}`)),
  );
}

async function request(changes: Partial<Connection> = {}, interactive = false): Promise<[string, string][]> {
  const connection = connectionTo(ISSUER, changes);
  const outcome = await strategies(connection).authenticate(connection, {
    kind: 'request',
    begun,
    interactive,
  });
  assert.equal(outcome.kind, 'redirect');
  return [...new URL(outcome.location).searchParams].sort();
}

function respond(response: Partial<Extract<Leg, { kind: 'response' }>['response']>, changes = {}) {
  const connection = connectionTo(ISSUER);
  const leg: Leg = {
    kind: 'response',
    transaction: { ...transaction, ...changes },
    response: { state: begun.state, code: undefined, error: undefined, iss: undefined, ...response },
  };
  return strategies(connection).authenticate(connection, leg);
}

test('authenticate.redirect: the authorization request holds the values of connection and transaction, nothing else', async () => {
  assert.deepEqual(await request({ acrValues: 'urn:signicat:oidc:method:nbid' }), [
    ['acr_values', 'urn:signicat:oidc:method:nbid'],
    ['client_id', 'portal'],
    ['code_challenge', createHash('sha256').update(begun.codeVerifier).digest('base64url')],
    ['code_challenge_method', 'S256'],
    ['nonce', begun.nonce],
    ['prompt', 'none'],
    ['redirect_uri', REDIRECT_URI],
    ['response_type', 'code'],
    ['scope', 'openid profile signicat.national_id'],
    ['state', begun.state],
  ]);
});

test('authenticate.redirect: an interactive login leaves prompt out', async () => {
  assert.ok(!(await request({}, true)).some(([name]) => name === 'prompt'));
});

test('authenticate.redirect: a connection without prompt leaves it out of a silent login too', async () => {
  assert.ok(!(await request({ prompt: undefined })).some(([name]) => name === 'prompt'));
});

for (const scope of ['openid', 'openid profile', 'profile openid', ' openid  openid profile ']) {
  test(`authenticate.redirect: scope "${scope}" asks for openid once`, async () => {
    const asked = (await request({ scope })).find(([name]) => name === 'scope')?.[1].split(' ') ?? [];
    assert.equal(asked.filter((word) => word === 'openid').length, 1);
    assert.equal(asked.includes('profile'), scope.includes('profile'));
  });
}

test('authenticate.redirect: the client secret is not in the address', async () => {
  assert.ok(!JSON.stringify(await request()).includes('portal-secret'));
});

test('authenticate.redirect: a hundred at once keep their own state and nonce', async () => {
  const connection = connectionTo(ISSUER);
  const shared = strategies(connection);
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      shared.authenticate(connection, {
        kind: 'request',
        begun: { ...begun, state: `state-${i}`, nonce: `nonce-${i}` },
        interactive: i % 2 === 0,
      }),
    ),
  );
  for (const [i, outcome] of outcomes.entries()) {
    assert.ok(outcome.kind === 'redirect');
    const { searchParams } = new URL(outcome.location);
    assert.deepEqual([searchParams.get('state'), searchParams.get('nonce')], [`state-${i}`, `nonce-${i}`]);
    assert.equal(searchParams.has('prompt'), i % 2 === 1);
  }
});

test('authenticate.success: a code is handed on with all that its redemption needs', async () => {
  const outcome = await respond({ code: 'the-code', iss: ISSUER });
  assert.ok(outcome.kind === 'success');
  assert.deepEqual(outcome.waiting, {
    code: 'the-code',
    codeVerifier: begun.codeVerifier,
    nonce: begun.nonce,
    iss: ISSUER,
    redirectUri: REDIRECT_URI,
  });
});

test('authenticate.success: no iss is needed where none was promised', async () => {
  assert.equal((await respond({ code: 'c' })).kind, 'success');
});

for (const error of [
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
  'access_denied',
]) {
  test(`authenticate.fail: ${error} is told as it is (D5)`, async () => {
    assert.deepEqual(await respond({ error }), { kind: 'fail', authError: error });
  });
}

for (const error of ['server_error', 'invalid_request', '<script>', 'login_required_x']) {
  test(`authenticate.fail: ${error} is told as provider_error (D5)`, async () => {
    assert.deepEqual(await respond({ error }), { kind: 'fail', authError: 'provider_error' });
  });
}

for (const [name, response, changes] of [
  ['the issuer of another connection', { code: 'c', iss: 'https://other.example' }, {}],
  ['an issuer with one slash more', { code: 'c', iss: `${ISSUER}/` }, {}],
  ['another issuer, on an error', { error: 'login_required', iss: 'https://other.example' }, {}],
  ['no issuer though one was promised', { code: 'c' }, { issPromised: true }],
] as const) {
  test(`authenticate.error: state_mismatch for ${name} (D4)`, async () => {
    await assert.rejects(respond(response, changes), { code: 'state_mismatch' });
  });
}

test('authenticate.error: request_malformed for a response with neither code nor error', async () => {
  await assert.rejects(respond({}), { code: 'request_malformed' });
});

test('authenticate.error: an address that cannot be made is an error, not a redirect', async () => {
  const connection = connectionTo(ISSUER);
  const failing = createStrategies([connection], REDIRECT_URI, () => Promise.reject(new RangeError('no')));
  await assert.rejects(
    failing.authenticate(connection, { kind: 'request', begun, interactive: false }),
    RangeError,
  );
});

test("a host's own Passport knows nothing of the gateway's strategies", async () => {
  await request();
  const registered = (passport as unknown as { _strategies: Record<string, unknown> })._strategies;
  assert.deepEqual(Object.keys(registered), ['session']);
});
