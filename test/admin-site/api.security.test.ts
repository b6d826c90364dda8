import assert from 'node:assert/strict';
import express from 'express';
import { generateKeyPairSync } from 'node:crypto';
import { after, test } from 'node:test';
import type { AddressInfo } from 'node:net';
import { createLive } from '../../src/admin/live.ts';
import { createAdminTokens } from '../../src/admin/admin-tokens.ts';
import type { SignedIn } from '../../src/admin-site/actor.ts';
import { adminApi } from '../../src/admin-site/api/api.ts';
import { OPERATIONS } from '../../src/admin-site/api/operations.ts';
import { resolveConfig } from '../../src/config/config.ts';
import { OPTIONS } from '../admin/rig.ts';
import { Browser } from '../support/browser.ts';
import { silent } from '../support/faces.ts';
import { codeOf } from '../support/problem-code.ts';
import { inEveryFace } from '../support/system.ts';
import { API, apiOf } from './api-client.ts';
import { ADMIN_TOKEN, startAdministered, VIEWER_TOKEN } from './rig.ts';

const SIGNICAT = '/customers/12345/connections/Signicat';
const OPEN = '/customers/12345/queues/q_open';

/** A path of each operation that exists. */
const pathOf = (path: string) =>
  path.replace(/\{(\w+)\}/g, (_, name: string) =>
    name === 'customerKey'
      ? '12345'
      : name === 'queueKey'
        ? 'q_open'
        : name === 'secret'
          ? 'authClientSecret'
          : 'Signicat',
  );

test('every operation is 401 without a token, and changes nothing for a viewer', async (t) => {
  const { url } = await startAdministered(t);
  const [nobody, viewer, anna] = [
    apiOf(url, 'adm_nobody-nobody-nobody-1'),
    apiOf(url, VIEWER_TOKEN),
    apiOf(url),
  ];
  for (const { method, path, role, id } of OPERATIONS) {
    const plain = await new Browser().fetch(`${url}${API}/v1${pathOf(path)}`, {
      method: method.toUpperCase(),
    });
    assert.equal(codeOf(plain), 'login_required', id);
    assert.match(plain.headers.get('www-authenticate') ?? '', /^Bearer /, id);
    const { code } = await viewer.ask(method.toUpperCase(), pathOf(path), { ifMatch: '*' });
    if (role === 'administrator') assert.equal(code, 'forbidden', id);
    else assert.notEqual(code, 'forbidden', id);
  }
  assert.equal((await nobody.ask('GET', '/settings')).code, 'login_required');
  assert.equal((await anna.ask('GET', '/settings')).etag, '"0"');
});

test('every operation that is no GET is for administrators, but for the explanation', () => {
  assert.deepEqual(
    OPERATIONS.filter(({ method, role }) => method !== 'get' && role === 'viewer').map(({ id }) => id),
    ['explainClaims'],
  );
});

inEveryFace('no other origin is ever let in, also one of a customer', async (t, face) => {
  const { url } = await startAdministered(t, { face });
  const origin = 'https://www.bank.example';
  const browser = new Browser({ origin });
  const preflight = await browser.fetch(`${url}${API}/v1${OPEN}`, {
    method: 'OPTIONS',
    headers: { 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization' },
  });
  assert.equal(preflight.status, 405);
  const read = await browser.fetch(`${url}${API}/v1/settings`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  assert.equal(read.status, 200);
  const description = await browser.fetch(`${url}${API}/openapi.json`);
  for (const { headers } of [preflight, read, description]) {
    for (const name of headers.keys()) assert.doesNotMatch(name, /^access-control-/);
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin');
    assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
  }
});

test('a token counts in one Authorization only, and nowhere else', async (t) => {
  const { url } = await startAdministered(t);
  const ask = async (path: string, headers: Record<string, string>) =>
    codeOf(await new Browser(headers).fetch(`${url}${API}/v1${path}`));
  assert.equal(await ask('/me', { authorization: `bearer   ${ADMIN_TOKEN} ` }), '200');
  assert.equal(await ask(`/me?token=${ADMIN_TOKEN}`, {}), 'login_required');
  assert.equal(await ask('/me', { cookie: `secure-chat-admin=${ADMIN_TOKEN}` }), 'login_required');
  assert.equal(await ask('/me', { 'x-csrf-token': ADMIN_TOKEN }), 'login_required');
});

test('no answer and no line of the log holds a secret that was set, tried or refused', async (t) => {
  const { url, log } = await startAdministered(t, { connection: { authClientSecret: 'CANARY-file' } });
  const { ask, change, browser } = apiOf(url);
  const bodies: string[] = [];
  const keep = async (answer: Promise<{ body: string; headers: Headers }>) => {
    const { body, headers } = await answer;
    bodies.push(body, JSON.stringify([...headers]));
  };
  const jwk = { kty: 'RSA', d: 'CANARY-jwk' };
  await keep(change('PUT', `${SIGNICAT}/secrets/authClientSecret`, { value: 'CANARY-set' }));
  await keep(change('PUT', `${SIGNICAT}/secrets/authClientSecret`, { value: { CANARY: 'CANARY-shape' } }));
  await keep(change('PUT', `${SIGNICAT}/secrets/authDecryptionKeys`, { value: [jwk] }));
  await keep(change('PUT', `${SIGNICAT}/secrets/authRequestSigningKey`, { value: jwk }));
  await keep(change('PUT', `${SIGNICAT}/secrets/CANARY-name`, { value: 'x' }));
  await keep(change('PATCH', SIGNICAT, { settings: { authClientSecret: ['CANARY-list'] } }));
  await keep(change('PATCH', SIGNICAT, { settings: { 'CANARY-key': 'authClientSecret' } }));
  await keep(change('PATCH', SIGNICAT, { leaveOut: ['CANARY-left'] }));
  await keep(change('POST', '/changes', { edits: [{ kind: 'CANARY-kind', 'CANARY-member': 1 }] }));
  await keep(ask('POST', `${SIGNICAT}/probe`, { body: { settings: { authClientSecret: 'CANARY-tried' } } }));
  await keep(ask('POST', `${SIGNICAT}/probe`, { body: { settings: { authEndpoint: 'CANARY-where' } } }));
  await keep(
    ask('POST', `${SIGNICAT}/explain`, {
      body: { claims: { sub: 's', national_id: '17029012345', other: 'CANARY-unmapped' } },
    }),
  );
  for (const body of ['{"value":"CANARY-cut', 'CANARY-text', '[CANARY-array]'])
    await keep(
      browser.fetch(`${url}${API}/v1${SIGNICAT}/secrets/authClientSecret`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json', 'if-match': '*' },
        body,
      }),
    );
  for (const path of ['/settings', '/customers/12345', SIGNICAT, '/audit', '/me'])
    await keep(ask('GET', path));
  const told = bodies.join('\n').replace(/"detail":"[^"]*no such secret[^"]*"/g, '');
  // the name of a member that is none is told, as it is of the file: it is no value
  assert.doesNotMatch(told.replaceAll('CANARY-key', ''), /CANARY|17029012345/);
  assert.doesNotMatch(JSON.stringify(log).replaceAll('CANARY-key', ''), /CANARY|17029012345|adm_tests/);
});

test('private keys go in as secrets, hold, and come out of no answer', async (t) => {
  const { url, log, browser } = await startAdministered(t);
  const { ask, change } = apiOf(url);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = { ...privateKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RSA-OAEP', use: 'enc' };
  const set = await change('PUT', `${SIGNICAT}/secrets/authDecryptionKeys`, { value: [key] });
  assert.equal(set.status, 204, set.body);
  const shown = await ask('GET', SIGNICAT);
  assert.deepEqual(
    shown.json.settings
      .filter(({ key: name }) => name === 'authDecryptionKeys')
      .map(({ secret, isSet, isSetInFile }) => [secret, isSet, isSetInFile]),
    [[true, true, false]],
  );
  const all = await Promise.all(['/settings', '/customers/12345', '/audit'].map((path) => ask('GET', path)));
  const told = [shown, ...all].map(({ body }) => body).join() + JSON.stringify(log);
  for (const member of ['d', 'p', 'q'] as const) assert.ok(!told.includes(String(key[member])), member);
  assert.equal((await browser().open(`${url}/queues/q_bank`)).status, 200, 'logins go on');
});

/** The API with a session that is there whoever asks, as a browser's cookie would have it. */
async function withSession(session: SignedIn | undefined) {
  const config = resolveConfig(OPTIONS, { production: false, face: 'gateway' });
  const live = createLive(config, { logger: silent });
  const tokens = createAdminTokens({ tokens: [], audit: live.current.audit });
  const signIns = { tokens, sessions: { find: () => Promise.resolve(session) } };
  const { administration } = live;
  const app = express().use((req, res, next) => {
    // a host that lets everybody in everywhere
    res.setHeader('Access-Control-Allow-Origin', '*');
    res.setHeader('Access-Control-Allow-Credentials', 'true');
    live.current.securityHeaders(req, res);
    adminApi(live.current, { administration, signIns })(req, res, next);
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  after(async () => {
    server.closeAllConnections();
    server.close();
    await live.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const CSRF = 'the-token-of-this-session';
const administrator = { name: 'olga', role: 'administrator', how: 'oidc' } as const;

test('beside the cookie of a session a change needs its CSRF token and the gateway’s own origin', async () => {
  const url = await withSession({ administrator, csrfToken: CSRF });
  const own = OPTIONS.publicUrl!;
  const put = async (headers: Record<string, string>) =>
    codeOf(
      await new Browser({ 'if-match': '*', 'content-type': 'application/json', ...headers }).fetch(
        `${url}/v1${OPEN}`,
        {
          method: 'PUT',
          body: '{"state":"open"}',
        },
      ),
    );
  const good = { 'x-csrf-token': CSRF };
  for (const forged of [
    {},
    { 'x-csrf-token': '' },
    { 'x-csrf-token': 'the-token-of-that-session' },
    { 'x-csrf-token': `${CSRF}x` },
    { ...good, origin: 'https://evil.example' },
    { ...good, origin: 'null' },
    { ...good, origin: `${own}.evil.example` },
    { ...good, 'sec-fetch-site': 'cross-site' },
    { ...good, 'sec-fetch-site': 'same-site' },
    { ...good, 'sec-fetch-site': 'none' },
  ])
    assert.equal(await put(forged), 'forbidden', JSON.stringify(forged));
  assert.equal(await put(good), '200');
  assert.equal(await put({ ...good, origin: own, 'sec-fetch-site': 'same-origin' }), '200');
  // a wrong token is not made up for by the cookie beside it
  assert.equal(await put({ ...good, authorization: `Bearer ${ADMIN_TOKEN}` }), 'login_required');
});

test('a session reads without a CSRF token, but not for another site', async () => {
  const url = await withSession({ administrator, csrfToken: CSRF });
  const get = async (headers: Record<string, string>) =>
    codeOf(await new Browser(headers).fetch(`${url}/v1/settings`));
  assert.equal(await get({}), '200');
  assert.equal(await get({ 'sec-fetch-site': 'none' }), '200');
  assert.equal(await get({ 'sec-fetch-site': 'cross-site' }), 'forbidden');
  assert.equal(await get({ origin: 'https://evil.example' }), 'forbidden');
});

test('what a host lets every origin read, the API does not', async () => {
  const url = await withSession({ administrator, csrfToken: CSRF });
  for (const path of ['/v1/settings', '/v1/none', '/openapi.json'])
    for (const name of (await new Browser().fetch(url + path)).headers.keys())
      assert.doesNotMatch(name, /^access-control-/, path);
});

test('without a session there is 401', async () => {
  const url = await withSession(undefined);
  assert.equal(codeOf(await new Browser().fetch(`${url}/v1/settings`)), 'login_required');
});
