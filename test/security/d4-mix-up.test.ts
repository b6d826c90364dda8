/**
 * Threat: one provider's answer is taken for another's (mix-up, RFC 9207). An answer whose `iss` is not that of the provider
 * that was asked, or is missing though promised, is 400 `state_mismatch`, and its code is sent to nobody.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { startProvider, type Provider } from '../support/provider.ts';
import { runs } from '../support/runs.ts';
import { connection, identityOf, inEveryFace, kari, ola, startSystem } from '../support/system.ts';
import type { Face } from '../support/faces.ts';
import { codeOf } from '../support/problem-code.ts';

const login = (queueKey: string) => `/secure-chat/login?queueKey=${queueKey}&returnTo=/portal`;

/** Two connections of one customer at two providers that know nothing of each other. */
async function twoProviders(t: TestContext, settings: { face?: Face; iss?: boolean } = {}) {
  const start = (person: typeof kari | typeof ola) => startProvider({ person, iss: settings.iss ?? true });
  const [honest, other] = await Promise.all([start(kari), start(ola)]);
  t.after(() => Promise.all([honest.stop(), other.stop()]));
  const connections = [connection(honest), connection(other, { authConnectionName: 'Other' })];
  const queues = [
    { queueKey: 'q_bank', authConnectionName: 'Signicat' },
    { queueKey: 'q_other', authConnectionName: 'Other' },
  ];
  const system = await startSystem(t, {
    ...(settings.face && { face: settings.face }),
    provider: honest,
    options: { loginsPerMinute: 1_000_000, customers: [{ customerKey: '1', connections, queues }] },
  });
  const tokenCalls = () => honest.calls('token') + other.calls('token');
  return { ...system, honest, other, tokenCalls };
}

/** Sends the browser to another provider than it was sent to, with everything else as it was. */
function rerouted(location: string, to: Provider): string {
  const url = new URL(location);
  return `${to.url}${url.pathname}${url.search}`;
}

inEveryFace('an answer of the other provider under the state of this one goes nowhere', async (t, face) => {
  const { url, honest, other, browser, upstream, tokenCalls } = await twoProviders(t, { face });
  for (const [queue, to] of [
    ['q_other', honest],
    ['q_bank', other],
  ] as const) {
    const visitor = browser();
    const started = await visitor.navigate(url + login(queue));
    const answered = await visitor.navigate(rerouted(started.headers.get('location')!, to));
    const callback = answered.headers.get('location')!;
    const refused = await visitor.fetch(callback);
    assert.deepEqual([refused.status, codeOf(refused)], [400, 'state_mismatch']);
    assert.equal(codeOf(await visitor.fetch(callback)), 'state_mismatch', 'the attempt is spent');
    for (const key of ['q_bank', 'q_other'])
      assert.equal((await visitor.fetch(`${url}/queues/${key}`)).status, 401);
  }
  assert.equal(tokenCalls() + upstream.requests.length, 0);

  const visitor = browser();
  for (const [queue, name, id] of [
    ['q_bank', 'Signicat', 'kari-sub'],
    ['q_other', 'Other', 'ola-sub'],
  ]) {
    assert.equal((await visitor.open(`${url}/queues/${queue!}`)).status, 200, 'each by its own works');
    const { 'x-secure-chat-connection': by, 'x-secure-chat-id': who } = identityOf(upstream);
    assert.deepEqual([by, who], [name, id]);
  }
});

test('state and code of two logins of one browser cannot be crossed', async (t) => {
  const { url, browser, tokenCalls } = await twoProviders(t);
  const visitor = browser();
  const callbacks: URL[] = [];
  for (const queue of ['q_bank', 'q_other']) {
    const started = await visitor.navigate(url + login(queue));
    const answered = await visitor.navigate(started.headers.get('location')!);
    callbacks.push(new URL(answered.headers.get('location')!));
  }
  const [one, two] = callbacks as [URL, URL];
  const state = one.searchParams.get('state')!;
  one.searchParams.set('state', two.searchParams.get('state')!);
  two.searchParams.set('state', state);
  for (const callback of [one, two])
    assert.equal(codeOf(await visitor.fetch(callback.href)), 'state_mismatch');
  assert.equal(tokenCalls(), 0);
});

test('iss is compared as text: whatever else comes in its place is refused', async (t) => {
  const { url, honest, other, browser, tokenCalls } = await twoProviders(t);
  const { issuer } = honest;
  const spellings = [
    null,
    '',
    ' ',
    `${issuer}/`,
    `${issuer} `,
    issuer.toUpperCase(),
    issuer.replace('http:', 'https:'),
    issuer.replace('127.0.0.1', 'localhost'),
    issuer.replace('127.0.0.1', '127.1'),
    `${issuer}#`,
    `${issuer}?`,
    `${issuer}@evil.example`,
    other.issuer,
    'null',
    'undefined',
  ];
  const text = fc.oneof(fc.constantFrom(...spellings), fc.webUrl(), fc.string({ maxLength: 30 }));
  await fc.assert(
    fc.asyncProperty(text, async (iss) => {
      fc.pre(iss !== issuer);
      honest.behave({ authorizeParams: { iss } });
      const visitor = browser();
      const started = await visitor.navigate(url + login('q_bank'));
      const answered = await visitor.navigate(started.headers.get('location')!);
      const refused = await visitor.fetch(answered.headers.get('location')!);
      assert.equal(refused.status, 400);
      assert.ok(['state_mismatch', 'request_malformed'].includes(codeOf(refused)), codeOf(refused));
    }),
    { numRuns: runs(30), examples: spellings.map((iss) => [iss]) },
  );
  assert.equal(tokenCalls(), 0);
  for (const behaviour of [{ authorizeParams: { iss: other.issuer } }, { authorizeParams: { iss: null } }]) {
    honest.behave({ ...behaviour, authorizeError: 'login_required' });
    const visit = await browser().open(url + login('q_bank'));
    assert.equal(visit.status, 400, 'an error is believed from the right provider only');
  }
});

test('a provider that promises no iss may leave it out, but not send another', async (t) => {
  const { url, honest, other, browser, tokenCalls } = await twoProviders(t, { iss: false });
  honest.behave({ authorizeParams: { iss: other.issuer } });
  assert.equal((await browser().open(`${url}/queues/q_bank`)).status, 400);
  assert.equal(tokenCalls(), 0);
  for (const iss of [null, honest.issuer]) {
    honest.behave({ authorizeParams: { iss } });
    assert.equal((await browser().open(`${url}/queues/q_bank`)).status, 200);
  }
});

test('a provider whose own document names the other one is asked nothing', async (t) => {
  const { url, honest, other, browser } = await twoProviders(t);
  other.behave({ discovery: { issuer: honest.issuer } });
  const visit = await browser().fetch(url + login('q_other'));
  assert.deepEqual([visit.status, codeOf(visit)], [502, 'provider_error']);
  assert.equal(other.calls('authorize') + other.calls('token'), 0);
  assert.equal((await browser().open(`${url}/queues/q_bank`)).status, 200);
});
