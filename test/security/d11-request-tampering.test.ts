/**
 * Threat: whoever writes the link to `/login` writes the authorization request too (scope, prompt, PKCE, redirect address). It
 * is made of the configuration and fresh secrets alone; the link says queue, page, display and interactive, nothing else.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { generateKeyPair, exportJWK } from 'jose';
import { startProvider } from '../support/provider.ts';
import { runs } from '../support/runs.ts';
import { inEveryFace, kari, startSystem } from '../support/system.ts';
import { LOGIN } from '../support/login-walk.ts';
import { codeOf } from '../support/problem-code.ts';

const ASKED = [
  'client_id',
  'code_challenge',
  'code_challenge_method',
  'nonce',
  'prompt',
  'redirect_uri',
  'response_type',
  'scope',
  'state',
];

const CANARY = 'canary-of-the-link';

/** Parameters of OAuth, OpenID Connect and their extensions that somebody may want to set. */
const TAMPERING = [
  ...ASKED,
  'acr_values',
  'audience',
  'authorization_details',
  'claims',
  'claims_locales',
  'code_verifier',
  'id_token_hint',
  'issuer',
  'iss',
  'login_hint',
  'max_age',
  'registration',
  'request',
  'request_uri',
  'resource',
  'response_mode',
  'ui_locales',
  'authEndpoint',
  'authScope',
  'authPrompt',
  'connection',
  'signicat_profile',
];

inEveryFace(
  'extra parameters of the link reach the provider under no name and in no value',
  async (t, face) => {
    const { url, browser, provider } = await startSystem(t, {
      face,
      options: { loginsPerMinute: 1_000_000 },
    });
    const known = /^(?:queueKey|customerKey|returnTo|display|interactive)$/i;
    const name = fc.oneof(
      fc.constantFrom(...TAMPERING),
      fc
        .string({ minLength: 1, maxLength: 12 })
        .filter((word) => !known.test(word.trim().replace(/\[.*$/, ''))),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(name, fc.string({ maxLength: 10 })), { maxLength: 5 }),
        fc.boolean(),
        async (extras, interactive) => {
          const query = new URLSearchParams();
          for (const [key, value] of extras) query.append(key, `${CANARY}${value}`);
          const link = `${url}${LOGIN}${interactive ? '&interactive=1' : ''}&${query.toString()}`;
          const visit = await browser().navigate(link);
          assert.equal(visit.status, 302, 'honest links with parameters of somebody else go on');
          const location = visit.headers.get('location')!;
          assert.ok(!decodeURIComponent(location).includes(CANARY));
          const { searchParams, origin, pathname } = new URL(location);
          assert.equal(origin + pathname, `${provider.url}/authorize`);
          const wanted = ASKED.filter((key) => !(interactive && key === 'prompt'));
          assert.deepEqual([...searchParams.keys()].sort(), wanted);
          const fixed = ['client_id', 'response_type', 'scope', 'redirect_uri', 'code_challenge_method'];
          assert.deepEqual(
            fixed.map((key) => searchParams.get(key)),
            ['portal', 'code', 'openid profile signicat.national_id', `${url}/secure-chat/callback`, 'S256'],
          );
          assert.equal(searchParams.get('prompt'), interactive ? null : 'none');
        },
      ),
      { numRuns: runs(25), examples: [[TAMPERING.map((key) => [key, '']), false]] },
    );
  },
);

test('the four parameters themselves: repeated or made up is 400, never a choice', async (t) => {
  const { url, browser, provider } = await startSystem(t);
  const links: Record<string, string> = {
    'queueKey=q_bank&queueKey=q_open': 'queue_ambiguous',
    'queueKey=q_bank&QUEUEKEY=q_open': 'queue_ambiguous',
    'queueKey=q_bank&queueKey[]=q_open': 'queue_ambiguous',
    'queueKey=q_bank&returnTo=/a&returnTo=/b': 'request_malformed',
    'queueKey=q_bank&display=iframe': 'request_malformed',
    'queueKey=q_bank&interactive=yes': 'request_malformed',
    'queueKey=q_bank&interactive=1&interactive=0': 'request_malformed',
    'queueKey=q_none': 'queue_refused',
    '': 'request_malformed',
  };
  for (const [query, code] of Object.entries(links))
    assert.equal(codeOf(await browser().fetch(`${url}/secure-chat/login?${query}`)), code, query);
  assert.equal((await browser().fetch(url + LOGIN, { method: 'POST' })).status, 400, 'it has no body');
  for (const method of ['PUT', 'DELETE', 'PATCH']) {
    const visit = await browser().fetch(url + LOGIN, { method });
    assert.equal(visit.status, 405);
  }
  assert.equal(provider.requests.length, 0);
});

test('the verifier, state and nonce: fresh each time, S256 only, and the verifier is told to nobody else', async (t) => {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const { url, browser } = await startSystem(t, { provider });
  const secrets = new Set<string>();
  for (const methods of [['plain'], ['plain', 'S256'], [], null]) {
    provider.behave({ discovery: { code_challenge_methods_supported: methods } });
    const visitor = browser();
    const visit = await visitor.open(`${url}/queues/q_bank`);
    assert.equal(visit.status, 200);
    const { searchParams } = new URL(visit.trail.find((at) => at.includes('/authorize?'))!);
    const verifier = provider.requests
      .findLast(({ endpoint }) => endpoint === 'token')!
      .body.get('code_verifier')!;
    assert.equal(searchParams.get('code_challenge_method'), 'S256');
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    assert.ok(searchParams.get('code_challenge') === challenge);
    const outside = [...visit.trail, ...[...visitor.jar.values()].flatMap((jar) => [...jar.values()])].join(
      ' ',
    );
    assert.ok(!outside.includes(verifier), 'the verifier is in no address and no cookie');
    for (const secret of [verifier, searchParams.get('state')!, searchParams.get('nonce')!]) {
      assert.match(secret.replace(/[\w-]/g, '.'), /^\.{43,}$/);
      assert.ok(!secrets.has(secret));
      secrets.add(secret);
    }
  }
});

test('a verifier that is not the one of the login is no use: the provider refuses, and so nobody is verified', async (t) => {
  const { url, browser, provider, upstream } = await startSystem(t);
  // the code of one login, carried to the callback of another in the same browser: injection
  const visitor = browser();
  const callbacks: URL[] = [];
  for (let i = 0; i < 2; i++) {
    const started = await visitor.navigate(url + LOGIN);
    const answered = await visitor.navigate(started.headers.get('location')!);
    callbacks.push(new URL(answered.headers.get('location')!));
  }
  const [one, two] = callbacks as [URL, URL];
  one.searchParams.set('code', two.searchParams.get('code')!);
  await visitor.navigate(one.href);
  assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 401);
  assert.deepEqual([provider.calls('token'), upstream.requests.length], [1, 0]);
});

test('signed and pushed requests carry the same, and nothing of it is left in the address', async (t) => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const requestKey = { ...(await exportJWK(publicKey)), alg: 'ES256' };
  const provider = await startProvider({
    person: kari,
    clients: { portal: { secret: 'portal-secret', requestKey } },
  });
  t.after(() => provider.stop());
  const { url, browser } = await startSystem(t, {
    provider,
    connection: {
      authRequestSigningKey: { ...(await exportJWK(privateKey)), alg: 'ES256' },
      authPushedRequests: true,
    },
  });
  const visitor = browser();
  const link = `${url}${LOGIN}&scope=${CANARY}&request_uri=${CANARY}&request=${CANARY}`;
  const visit = await visitor.navigate(link);
  const { searchParams } = new URL(visit.headers.get('location')!);
  assert.deepEqual([...searchParams.keys()].sort(), ['client_id', 'request_uri']);
  assert.ok(!JSON.stringify(provider.requests.map(({ body }) => [...body])).includes(CANARY));
  assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200);
});

test('a login that another site starts ends on our page, with nobody told anything', async (t) => {
  const { url, browser, upstream } = await startSystem(t);
  const visitor = browser({ 'sec-fetch-site': 'cross-site', referer: 'https://evil.example/' });
  const visit = await visitor.open(url + LOGIN);
  assert.equal(new URL(visit.url).origin, url);
  assert.ok(visit.trail.every((at) => !at.includes('evil')));
  assert.ok(
    !JSON.stringify(upstream.requests.map(({ rawHeaders }) => rawHeaders)).includes('X-Secure-Chat-Id'),
  );
});
