/**
 * Threat: the gateway fetches what a client or a token names, fetches without end, or waits without end. It asks the configured
 * provider only, follows no redirect, spares the key set in a flood, and gives up in time with 502 or 503.
 */
import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { test } from 'node:test';
import fc from 'fast-check';
import { startProvider, type Trouble } from '../support/provider.ts';
import { closesMidBody, gzipBomb, redirectTo, says, stallsMidBody } from '../support/provider-troubles.ts';
import { runs } from '../support/runs.ts';
import { inEveryFace, kari, startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';
import { LOGIN } from '../support/login-walk.ts';
import { codeOf } from '../support/problem-code.ts';
import { assertRefused, redeemUnder } from '../support/redemption.ts';

test('a flood of unknown kids: the key set is read once more, and honest logins go on', async (t) => {
  const system = await startSystem(t, { options: { loginsPerMinute: 1_000_000 } });
  const { provider } = system;
  const kid = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.constantFrom('key-0', '../jwks', 'http://127.0.0.1:9/'),
  );
  await fc.assert(
    fc.asyncProperty(kid, async (unknown) => {
      fc.pre(unknown !== provider.signingJwk().kid);
      assertRefused(await redeemUnder(system, { idToken: { kid: unknown } }), 'an unknown kid');
    }),
    { numRuns: runs(30) },
  );
  const { url } = system;
  const waiting = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const visitor = system.browser();
      await visitor.open(url + LOGIN);
      return visitor;
    }),
  );
  provider.behave({ idToken: { kid: 'nobody' } });
  await Promise.all(waiting.map((visitor) => visitor.fetch(`${url}/queues/q_bank`)));
  assert.ok(provider.calls('jwks') <= 3, `${provider.calls('jwks')} reads of the key set`);
  provider.behave({});
  assert.equal((await system.browser().open(`${url}/queues/q_bank`)).status, 200);
});

inEveryFace('nothing that a client sends is an address to ask', async (t, face) => {
  const elsewhere = await startProvider({ person: kari });
  t.after(() => elsewhere.stop());
  const { url, provider, browser } = await startSystem(t, { face });
  const at = elsewhere.issuer;
  const headers: Record<string, string> = {
    'x-forwarded-host': new URL(at).host,
    'x-forwarded-proto': 'http',
    forwarded: `host=${new URL(at).host}`,
    'x-original-url': `${at}/jwks.json`,
    referer: at,
    origin: at,
  };
  const query = new URLSearchParams({ iss: at, issuer: at, authEndpoint: at, jwks_uri: at, request_uri: at });
  const visitor = browser(headers);
  const visit = await visitor.open(`${url}${LOGIN}&${query.toString()}`);
  assert.equal(new URL(visit.url).origin, url);
  await visitor.fetch(
    `${url}/secure-chat/callback?state=${'A'.repeat(43)}&code=x&iss=${encodeURIComponent(at)}`,
  );
  const entered = await browser().open(`${url}/queues/q_bank`, { headers });
  assert.equal(entered.status, 200);
  assert.equal(elsewhere.requests.length, 0);
  assert.ok(provider.requests.every(({ headers: sent }) => sent.host === new URL(provider.url).host));
});

test('addresses in the discovery document: https, or loopback of a loopback provider, or nothing', async (t) => {
  const members = ['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'userinfo_endpoint'];
  const addresses = [
    'http://169.254.169.254/latest',
    'http://10.0.0.1/',
    'ftp://x/',
    'file:///etc/passwd',
    'x',
    7,
  ];
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  for (const [index, address] of addresses.entries()) {
    provider.behave({ discovery: { [members[index % members.length]!]: address } });
    const { url, browser } = await startSystem(t, { provider });
    const visit = await browser().fetch(url + LOGIN);
    assert.deepEqual([visit.status, codeOf(visit)], [502, 'provider_error'], String(address));
  }
  provider.behave({ discovery: { issuer: `${provider.issuer}.evil.example` } });
  const { url, browser } = await startSystem(t, { provider });
  assert.equal(codeOf(await browser().fetch(url + LOGIN)), 'provider_error', 'discovery-issuer-mismatch');
});

/** What each trouble comes to, at whichever endpoint. */
const TROUBLES: Record<string, readonly [Trouble, number]> = {
  'never answers': ['hang', 503],
  'stops in the middle': [stallsMidBody, 503],
  'closes at once': ['drop', 503],
  'closes in the middle': [closesMidBody, 503],
  'has an error of its own': [500, 503],
  'has too much to do': [429, 503],
  'answers with a page': ['html', 502],
  'answers with a list': ['array', 502],
  'answers with 10 MB': ['huge', 502],
  'answers with a bomb': [gzipBomb, 502],
  'answers with nothing': [says(''), 502],
  'has moved': [404, 502],
};

const REDIRECTS = [301, 302, 303, 307, 308];

/** The same troubles, and redirects to a place that counts who comes. */
function troublesWith(elsewhere: string): typeof TROUBLES {
  return {
    ...TROUBLES,
    ...Object.fromEntries(
      REDIRECTS.map((status) => [`redirects: ${status}`, [redirectTo(elsewhere, status), 502] as const]),
    ),
  };
}

interface Trial {
  readonly name: string;
  readonly trouble: Trouble;
  readonly status: number;
}

/** More than a login here needs, and far less than a provider that hangs would take. */
const PROVIDER_TIMEOUT_MS = 2000;
const IN_TIME_MS = 30_000;

/**
 * Every trouble at these endpoints: those that come at once one after the other, those that are waited out all together.
 * @param attempt `alone`: at a provider of its own
 */
async function everyTrouble<Endpoint extends string>(
  elsewhere: string,
  endpoints: readonly Endpoint[],
  attempt: (endpoint: Endpoint, trial: Trial, alone: boolean) => Promise<void>,
): Promise<void> {
  const slow: Promise<void>[] = [];
  for (const endpoint of endpoints)
    for (const [name, [trouble, status]] of Object.entries(troublesWith(`${elsewhere}/${endpoint}`))) {
      const alone = trouble === 'hang' || trouble === stallsMidBody;
      const ended = attempt(endpoint, { name: `${endpoint} ${name}`, trouble, status }, alone);
      if (alone) slow.push(ended);
      else await ended;
    }
  assert.equal(slow.length, 2 * endpoints.length);
  await Promise.all(slow);
}

test('token and userinfo endpoint in trouble: a defined end, in time, and nobody is verified', async (t) => {
  const elsewhere = await startProvider();
  t.after(() => elsewhere.stop());
  const options = { providerTimeoutMs: PROVIDER_TIMEOUT_MS };
  const shared = await startSystem(t);
  await everyTrouble(elsewhere.url, ['token', 'userinfo'], async (endpoint, trial, alone) => {
    const system = alone ? await startSystem(t, { options }) : shared;
    const from = performance.now();
    const verdict = await redeemUnder(system, { [endpoint]: trial.trouble });
    const code = trial.status === 503 ? 'provider_unavailable' : 'provider_error';
    assertRefused(verdict, trial.name, code);
    assert.ok(performance.now() - from < IN_TIME_MS, `${trial.name}: in time`);
  });
  assert.equal(elsewhere.requests.length, 0, 'no code, secret or token goes to another place');
});

test('discovery, key set and pushed requests in trouble: the same, and well again afterwards', async (t) => {
  const elsewhere = await startProvider();
  const shared = await startProvider({ person: kari });
  t.after(() => Promise.all([elsewhere.stop(), shared.stop()]));
  await everyTrouble(elsewhere.url, ['discovery', 'par', 'jwks'], async (endpoint, trial, alone) => {
    // in a gateway that knows nothing of the provider yet
    const { url, browser, upstream, provider } = await startSystem(t, {
      ...(alone ? { options: { providerTimeoutMs: PROVIDER_TIMEOUT_MS } } : { provider: shared }),
      connection: { authPushedRequests: endpoint === 'par' },
    });
    const visitor = browser();
    const link = endpoint === 'jwks' ? `${url}/queues/q_bank` : url + LOGIN;
    if (endpoint === 'jwks') await visitor.open(url + LOGIN);
    const before = upstream.requests.length;
    provider.behave({ [endpoint]: trial.trouble });
    const visit = await visitor.fetch(link);
    provider.behave({});
    const code = trial.status === 503 ? 'provider_unavailable' : 'provider_error';
    assert.deepEqual([visit.status, codeOf(visit)], [trial.status, code], trial.name);
    assert.equal(upstream.requests.length, before);
    if (endpoint === 'discovery') return;
    assert.equal((await browser().open(`${url}/queues/q_bank`)).status, 200, `${trial.name}: after`);
  });
  assert.equal(elsewhere.requests.length, 0);
});

test('discovery that fails is not repeated in a rush, and succeeds when the provider is back', async (t) => {
  const { url, browser, provider } = await startSystem(t);
  provider.behave({ discovery: 500 });
  const visits = await Promise.all(Array.from({ length: 30 }, () => browser().fetch(url + LOGIN)));
  assert.deepEqual([...new Set(visits.map(codeOf))], ['provider_unavailable']);
  assert.ok(provider.calls('discovery') <= 3, `${provider.calls('discovery')} discoveries`);
  provider.behave({});
  await until('a login', async () => (await browser().open(`${url}/queues/q_bank`)).status === 200);
});
