import assert from 'node:assert/strict';
import { connection, identityOf, inEveryFace, kari, ola, startSystem } from '../support/system.ts';
import { startProvider } from '../support/provider.ts';

const login = (queueKey: string) => `/secure-chat/login?queueKey=${queueKey}&returnTo=/portal`;
const code = (body: string) => (JSON.parse(body) as { code: string }).code;

inEveryFace('another person in the same browser never continues the chat of the first', async (t, face) => {
  const { url, provider, upstream, browser } = await startSystem(t, { face });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  await visitor.fetch(`${url}/queues/q_bank/messages`);
  provider.setPerson(ola);
  await visitor.open(url + login('q_bank'));
  const before = upstream.requests.length;
  for (let i = 0; i < 3; i++) {
    const refusal = await visitor.fetch(`${url}/queues/q_bank/messages`);
    assert.deepEqual([refusal.status, code(refusal.body)], [409, 'identity_changed']);
  }
  assert.equal(upstream.requests.length, before);

  assert.equal(
    (await visitor.open(`${url}/queues/q_bank`)).status,
    200,
    'loading the chat anew opens one of their own',
  );
  assert.equal(identityOf(upstream)['x-secure-chat-id'], 'ola-sub');
  assert.equal((await visitor.fetch(`${url}/queues/q_bank/messages`)).status, 200);
});

inEveryFace('a queue that the first person did not enter takes the new identity at once', async (t, face) => {
  const { url, provider, upstream, browser } = await startSystem(t, { face });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  provider.setPerson(ola);
  await visitor.open(url + login('q_loan'));
  assert.equal((await visitor.fetch(`${url}/queues/q_loan`)).status, 200);
  assert.equal(identityOf(upstream)['x-secure-chat-id'], 'ola-sub');
});

inEveryFace('the new person may start over by following loginUrl of the refusal', async (t, face) => {
  const { url, provider, browser } = await startSystem(t, { face });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  provider.setPerson(ola);
  await visitor.open(url + login('q_bank'));
  const refusal = await visitor.fetch(`${url}/queues/q_bank`);
  assert.equal(refusal.status, 409);
  await visitor.open((JSON.parse(refusal.body) as { loginUrl: string }).loginUrl);
  assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 200);
});

inEveryFace('the same person logging in again goes on with the chat', async (t, face) => {
  const { url, upstream, browser } = await startSystem(t, { face });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  await visitor.open(url + login('q_bank'));
  assert.equal((await visitor.fetch(`${url}/queues/q_bank/messages`)).status, 200);
  assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');
});

inEveryFace('an identity of one connection opens no queue of another', async (t, face) => {
  const other = await startProvider({ person: { ...ola, sub: 'at-the-other' } });
  t.after(() => other.stop());
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const { url, upstream, browser } = await startSystem(t, {
    face,
    provider,
    options: {
      customers: [
        {
          customerKey: '1',
          connections: [connection(provider), connection(other, { authConnectionName: 'Other' })],
          queues: [
            { queueKey: 'q_bank', authConnectionName: 'Signicat' },
            { queueKey: 'q_other', authConnectionName: 'Other' },
          ],
        },
      ],
    },
  });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const refusal = await visitor.fetch(`${url}/queues/q_other`);
  assert.deepEqual([refusal.status, code(refusal.body)], [401, 'login_required']);
  await visitor.open(`${url}/queues/q_other`);
  assert.deepEqual(
    [identityOf(upstream)['x-secure-chat-connection'], identityOf(upstream)['x-secure-chat-id']],
    ['Other', 'at-the-other'],
  );
  await visitor.fetch(`${url}/queues/q_bank`);
  assert.deepEqual(
    [identityOf(upstream)['x-secure-chat-connection'], identityOf(upstream)['x-secure-chat-id']],
    ['Signicat', 'kari-sub'],
  );
});

inEveryFace('two customers with one queue key, one provider and one person stay apart', async (t, face) => {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const customer = (customerKey: string) => ({
    customerKey,
    connections: [connection(provider)],
    queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }],
  });
  const { url, upstream, browser } = await startSystem(t, {
    face,
    provider,
    options: {
      customers: [customer('A'), customer('B')],
      queueRules: [{ path: '/:customerKey/queues/:queueKey{/*rest}' }, { query: 'queueKey' }],
    },
  });
  const visitor = browser();
  assert.equal((await visitor.open(`${url}/A/queues/q_bank`)).status, 200);
  assert.equal(identityOf(upstream)['x-secure-chat-customer'], 'A');
  assert.equal((await visitor.fetch(`${url}/B/queues/q_bank`)).status, 401);
  assert.equal((await visitor.fetch(`${url}/enter?queueKey=q_bank`)).status, 400);
  assert.equal(code((await visitor.fetch(`${url}/enter?queueKey=q_bank`)).body), 'queue_ambiguous');
  assert.equal((await visitor.fetch(`${url}/enter?queueKey=q_bank&customerKey=A`)).status, 200);
});

inEveryFace(
  'the session shows what was sent upstream, masked alike, and never the number',
  async (t, face) => {
    const { url, upstream, browser, log } = await startSystem(t, { face });
    const visitor = browser();
    assert.deepEqual(JSON.parse((await visitor.fetch(`${url}/secure-chat/session`)).body), {
      authenticated: false,
    });
    await visitor.open(`${url}/queues/q_bank`);
    const answer = await visitor.fetch(`${url}/secure-chat/session?queueKey=q_bank`);
    const session = JSON.parse(answer.body) as Record<string, unknown>;
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.deepEqual(
      [session['authenticated'], session['connection'], session['chatId'], session['nickName']],
      [true, 'Signicat', 'kari-sub', 'Kari'],
    );
    assert.deepEqual(session['variables'], JSON.parse(identityOf(upstream)['x-secure-chat-variables']!));
    assert.ok(Number(session['expiresAt']) > Date.now() / 1000);
    const everything = JSON.stringify([
      answer.body,
      log,
      upstream.requests.map(({ rawHeaders }) => rawHeaders),
    ]);
    assert.ok(!everything.includes('17029012345'));
  },
);
