/**
 * Threat: the provider ignores `acr_values` and verifies by a weaker method. What came is what the upstream is told, and a
 * queue that demands a method is entered with no other, without a loop and without cost to the other queues.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { startProvider, type Provider } from '../support/provider.ts';
import { runs } from '../support/runs.ts';
import { connection, identityOf, inEveryFace, kari, ola, startSystem } from '../support/system.ts';
import { codeOf } from '../support/problem-code.ts';

const STRONG = 'idp:nbid';
const WEAK = 'urn:signicat:oidc:method:sms';

function optionsOf(provider: Provider, over: Record<string, unknown> = {}) {
  const ofSignicat = { authConnectionName: 'Signicat' };
  return {
    loginsPerMinute: 1_000_000,
    customers: [
      {
        customerKey: '1',
        connections: [connection(provider, { authAcrValues: 'urn:any', ...over })],
        queues: [
          { queueKey: 'q_any', ...ofSignicat },
          { queueKey: 'q_weak', ...ofSignicat, requiredAcrValues: [WEAK] },
          { queueKey: 'q_strong', ...ofSignicat, requiredAcrValues: `  ${STRONG}   urn:stronger ` },
        ],
      },
    ],
  };
}

const as = (acr: string | undefined, person: Record<string, unknown> = kari) => ({ ...person, acr });

/** What the last authorization request asked for. */
function asked(provider: Provider): (string | null)[] {
  const last = provider.requests.filter(({ endpoint }) => endpoint === 'authorize').at(-1)!;
  return ['acr_values', 'prompt'].map((name) => last.url.searchParams.get(name));
}

for (const codeRedemption of ['queue-entry', 'callback'] as const) {
  inEveryFace(`a queue that demands a method takes that one only (${codeRedemption})`, async (t, face) => {
    const provider = await startProvider({ person: as(WEAK) });
    t.after(() => provider.stop());
    const options = optionsOf(provider, { codeRedemption });
    const { url, upstream, browser } = await startSystem(t, { face, provider, options });
    const visitor = browser();

    const refused = await visitor.open(`${url}/queues/q_strong?page=1`);
    assert.deepEqual([refused.status, provider.calls('authorize'), upstream.requests.length], [401, 1, 0]);
    assert.deepEqual(asked(provider), [`${STRONG} urn:stronger`, 'none']);
    const way = /href="([^"]*interactive=1[^"]*)"/.exec(refused.body)?.[1]?.replaceAll('&amp;', '&');
    assert.ok(way !== undefined, 'the page has a way to log in');

    const script = await visitor.fetch(`${url}/queues/q_strong/messages`);
    assert.deepEqual([script.status, codeOf(script)], [401, 'login_required']);
    const { loginUrl } = JSON.parse(script.body) as { loginUrl: string };
    await visitor.open(loginUrl);
    assert.deepEqual(asked(provider), [`${STRONG} urn:stronger`, 'none']);
    assert.equal((await visitor.fetch(`${url}/queues/q_strong/messages`)).status, 401);
    assert.equal(upstream.requests.filter(({ url: at }) => at.includes('q_strong')).length, 0);

    assert.equal((await visitor.fetch(`${url}/queues/q_any`)).status, 200, 'the others take who came');
    assert.equal(identityOf(upstream)['x-secure-chat-acr'], WEAK);

    provider.setPerson(as(STRONG));
    const entered = await visitor.open(way);
    assert.equal(entered.status, 200);
    assert.deepEqual(asked(provider), [`${STRONG} urn:stronger`, null]);
    assert.deepEqual(
      [identityOf(upstream)['x-secure-chat-acr'], identityOf(upstream)['x-secure-chat-queue']],
      [STRONG, 'q_strong'],
    );
    assert.equal((await visitor.fetch(`${url}/queues/q_strong/messages`)).status, 200);
  });

  test(`a step up in vain leaves the same person what they had (${codeRedemption})`, async (t) => {
    const provider = await startProvider({ person: as(WEAK) });
    t.after(() => provider.stop());
    const { url, upstream, browser } = await startSystem(t, {
      provider,
      options: optionsOf(provider, { codeRedemption }),
    });
    const visitor = browser();
    assert.equal((await visitor.open(`${url}/queues/q_weak`)).status, 200);
    for (const acr of ['urn:other', undefined, WEAK]) {
      provider.setPerson(as(acr));
      assert.equal((await visitor.open(`${url}/queues/q_strong`)).status, 401);
      assert.equal((await visitor.fetch(`${url}/queues/q_weak/messages`)).status, 200, String(acr));
      assert.equal(identityOf(upstream)['x-secure-chat-acr'], WEAK, 'told is what verified the person here');
    }
    await visitor.open(`${url}/secure-chat/login?queueKey=q_strong&returnTo=/portal`);
    await visitor.open(`${url}/secure-chat/login?queueKey=q_strong&returnTo=/portal`);
    assert.equal((await visitor.fetch(`${url}/queues/q_weak`)).status, 200, 'also over two codes in a row');

    provider.setPerson(as('urn:other', ola));
    assert.equal((await visitor.open(`${url}/queues/q_strong`)).status, 401);
    const other = await visitor.fetch(`${url}/queues/q_weak/messages`);
    assert.deepEqual([other.status, codeOf(other)], [401, 'login_required'], 'but nothing to another person');
  });
}

test('whose chat it is does not change by a login that the queue did not take', async (t) => {
  const provider = await startProvider({ person: as(STRONG) });
  t.after(() => provider.stop());
  const { url, browser } = await startSystem(t, { provider, options: optionsOf(provider) });
  const visitor = browser();
  assert.equal((await visitor.open(`${url}/queues/q_strong`)).status, 200);
  provider.setPerson(as(WEAK, ola));
  for (let i = 0; i < 2; i++) {
    await visitor.open(`${url}/secure-chat/login?queueKey=q_strong&returnTo=/portal`);
    assert.equal((await visitor.fetch(`${url}/queues/q_strong/messages`)).status, 401);
    assert.equal((await visitor.fetch(`${url}/queues/q_any`)).status, 200);
  }
  provider.setPerson(as(STRONG));
  await visitor.open(`${url}/secure-chat/login?queueKey=q_strong&returnTo=/portal`);
  assert.equal(
    (await visitor.fetch(`${url}/queues/q_strong/messages`)).status,
    200,
    'the chat is still hers',
  );
});

test('whatever acr comes: it is told as it came, and enters exactly the queues that list it', async (t) => {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const { url, upstream, browser } = await startSystem(t, { provider, options: optionsOf(provider) });
  const near = [STRONG.toUpperCase(), `${STRONG} `, `${STRONG} urn:stronger`, `${STRONG}\u0000`, 'idp:nbi'];
  const acr = fc.oneof(
    fc.constantFrom(STRONG, WEAK, 'urn:stronger', undefined, ...near),
    fc.constantFrom<unknown>([STRONG], { [STRONG]: true }, true, 4, null),
    fc.string({ minLength: 1, maxLength: 20 }),
  );
  await fc.assert(
    fc.asyncProperty(acr, async (came) => {
      provider.setPerson({ ...kari, acr: came });
      const visitor = browser();
      assert.equal((await visitor.open(`${url}/queues/q_any`)).status, 200);
      const told = identityOf(upstream)['x-secure-chat-acr'];
      // without an acr of the person's own the provider says its usual one
      const said = came === undefined ? 'urn:test:acr' : came;
      if (typeof said === 'string' && /^[!-$&-~]+$/.test(said)) assert.equal(told, said);
      for (const [queue, taken] of [
        ['q_strong', [STRONG, 'urn:stronger']],
        ['q_weak', [WEAK]],
      ] as const) {
        const { status } = await visitor.fetch(`${url}/queues/${queue}`);
        const isTaken = taken.some((one) => one === told);
        assert.equal(status, isTaken ? 200 : 401, `${queue}: ${String(told)}`);
        const session = await visitor.fetch(`${url}/secure-chat/session?queueKey=${queue}`);
        const { authenticated } = JSON.parse(session.body) as { authenticated: boolean };
        assert.equal(authenticated, isTaken, `/session of ${queue}`);
      }
    }),
    { numRuns: runs(25) },
  );
});
