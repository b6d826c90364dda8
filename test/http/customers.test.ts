/** Two customers with one queue key, one connection name, one client at one provider and one person see nothing of each other. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { decodeJwt } from 'jose';
import type { Edit } from '../../src/config/edits.ts';
import { chatServer } from './chat-server.ts';
import { CookielessPage } from '../support/cookieless-page.ts';
import type { Face } from '../support/faces.ts';
import { codeOf } from '../support/problem-code.ts';
import { startProvider } from '../support/provider.ts';
import { connection, identityOf, inEveryFace, kari, startSystem, type System } from '../support/system.ts';
import { until } from '../support/until.ts';

const ORIGINS = { A: 'https://a.shared.example', B: 'https://b.shared.example' } as const;
type Key = keyof typeof ORIGINS;

async function start(t: TestContext, face?: Face): Promise<System> {
  const provider = await startProvider({ person: { ...kari, email: 'kari@home.example' } });
  t.after(() => provider.stop());
  return startSystem(t, {
    ...(face && { face }),
    provider,
    upstream: chatServer(),
    options: {
      customers: (['A', 'B'] as const).map((customerKey) => ({
        customerKey,
        returnOrigins: [ORIGINS[customerKey]],
        connections: [
          connection(provider, {
            pseudonymizedClaims: 'email',
            authMapping: {
              AuthUserId: { MapType: 'ChatId' },
              email: { MapType: 'Variable' },
              name: { MapType: 'NickName' },
            },
          }),
        ],
        queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }],
      })),
      queueRules: [{ path: '/:customerKey/queues/:queueKey{/*rest}' }],
      chatRules: [
        { method: 'POST', path: '/:customerKey/queues/:queueKey/chats', chatIdFrom: 'chat.id' },
        { path: '/:customerKey/queues/:queueKey/chats/:chatId{/*rest}' },
        { path: '/chats/:chatId{/*rest}' },
      ],
    },
  });
}

const queueOf = ({ url }: System, customer: Key) => `${url}/${customer}/queues/q_bank`;
const sessionUrl = ({ url }: System) => `${url}/secure-chat/session`;

inEveryFace(
  'who is verified for one is nobody to the other, and each is told of its own',
  async (t, face) => {
    const system = await start(t, face);
    const visitor = system.browser();
    assert.equal((await visitor.open(queueOf(system, 'A'))).status, 200);
    const atA = identityOf(system.upstream);
    assert.equal(codeOf(await visitor.fetch(queueOf(system, 'B'))), 'login_required');
    assert.equal(codeOf(await visitor.fetch(`${system.url}/x?queueKey=q_bank`)), '200', 'no rule reads that');
    assert.equal((await visitor.open(queueOf(system, 'B'))).status, 200);
    const atB = identityOf(system.upstream);
    assert.deepEqual([atA['x-secure-chat-customer'], atB['x-secure-chat-customer']], ['A', 'B']);
    assert.equal(atA['x-secure-chat-id'], atB['x-secure-chat-id'], 'one person');
    const email = 'x-secure-chat-variable-email';
    assert.ok(atA[email] !== undefined && atA[email] !== atB[email], 'under two pseudonyms');
    const claims = [atA, atB].map((headers) => decodeJwt(headers['x-secure-chat-assertion']!));
    assert.deepEqual(
      claims.map(({ customer }) => customer),
      ['A', 'B'],
    );
    const subjects = system.log.flatMap(({ message, fields }) =>
      message === 'code redeemed' ? [fields['subject']] : [],
    );
    assert.equal(new Set(subjects).size, 2);
  },
);

test('a page of one customer is not told what the same browser is to the other', async (t) => {
  const system = await start(t);
  const visitor = system.browser();
  await visitor.open(queueOf(system, 'A'));
  const asked = async (query: string, origin?: string) =>
    (
      JSON.parse(
        (await visitor.fetch(sessionUrl(system) + query, { headers: origin === undefined ? {} : { origin } }))
          .body,
      ) as { authenticated: boolean }
    ).authenticated;
  assert.equal(await asked(''), true);
  assert.equal(await asked('', system.url), true);
  assert.equal(await asked('', ORIGINS.A), true);
  assert.equal(await asked('', ORIGINS.B), false);
  assert.equal(await asked('?queueKey=q_bank&customerKey=A', ORIGINS.B), false);
  assert.equal(await asked('?queueKey=q_bank&customerKey=A', ORIGINS.A), true);
  assert.equal(await asked('?queueKey=q_bank&customerKey=B'), false);
  const leaving = await visitor.fetch(`${system.url}/secure-chat/logout?provider=1`, {
    method: 'POST',
    headers: { origin: ORIGINS.B },
  });
  assert.deepEqual([leaving.status, leaving.body], [204, '']);
});

test('origins of one are foreign to the queues and logins of the other', async (t) => {
  const system = await start(t);
  const visitor = system.browser();
  await visitor.open(queueOf(system, 'A'));
  for (const [origin, allowed] of [
    [ORIGINS.A, ORIGINS.A],
    [ORIGINS.B, null],
  ] as const) {
    const visit = await visitor.fetch(queueOf(system, 'A'), { headers: { origin } });
    assert.equal(visit.headers.get('access-control-allow-origin'), allowed);
  }
  const login = `${system.url}/secure-chat/login?queueKey=q_bank&customerKey=A&returnTo=`;
  assert.equal(codeOf(await visitor.fetch(login + encodeURIComponent(`${ORIGINS.B}/`))), 'return_to_refused');
  assert.equal((await visitor.fetch(login + encodeURIComponent(`${ORIGINS.A}/`))).status, 302);
  const page = new CookielessPage(system.url, ORIGINS.B);
  assert.equal(codeOf(await page.begin('c'.repeat(43), { customerKey: 'A' })), 'return_to_refused');
});

test('a handle, a token and a chat of one are nothing to the other', async (t) => {
  const system = await start(t);
  const [pageA, pageB] = [
    new CookielessPage(system.url, ORIGINS.A),
    new CookielessPage(system.url, ORIGINS.B),
  ];
  const login = await pageA.login(system.browser(), { customerKey: 'A' });
  assert.equal(codeOf(await pageA.claim(login, { customerKey: 'B' })), 'login_required');
  assert.equal(codeOf(await pageB.claim(login, { customerKey: 'A' })), 'login_required');
  const claimed = await pageA.claim(login, { customerKey: 'A' });
  const { token } = JSON.parse(claimed.body) as { token: string };
  const started = await pageA.ask('/A/queues/q_bank/chats', { token, method: 'POST' });
  assert.equal(started.status, 201);
  const { chat } = JSON.parse(started.body) as { chat: { id: string } };
  assert.equal((await pageA.ask(`/chats/${chat.id}`, { token })).status, 200);
  assert.equal(codeOf(await pageA.ask('/B/queues/q_bank', { token, origin: null })), 'login_required');
  assert.equal(codeOf(await pageB.ask(`/chats/${chat.id}`, { token })), 'login_required');
  const tokenB = await pageB.token(system.browser(), { customerKey: 'B' });
  assert.equal(
    codeOf(await pageB.ask(`/chats/${chat.id}`, { token: tokenB })),
    'login_required',
    'it is in the queue of A',
  );
  assert.equal(
    codeOf(await pageB.ask(`/B/queues/q_bank/chats/${chat.id}`, { token: tokenB })),
    'queue_ambiguous',
  );
  const before = system.upstream.requests.length;
  const stolen = await pageB.ask(`/B/queues/q_bank/chats?id=${chat.id}`, { token: tokenB, method: 'POST' });
  assert.equal(codeOf(stolen), 'queue_refused', 'nor is it taken over by starting it again');
  await until('the request at the upstream', () => system.upstream.requests.length === before + 1);
  assert.equal((await pageA.ask(`/chats/${chat.id}`, { token })).status, 200);
});

test('what an administrator sets for one leaves the other alone', async (t) => {
  const system = await start(t);
  const administration = system.gateway.administration!;
  const visitor = system.browser();
  await visitor.open(queueOf(system, 'B'));
  const edits: Edit[] = [
    {
      kind: 'connection',
      customerKey: 'A',
      authConnectionName: 'Signicat',
      settings: { authClientSecret: 'wrong', authClientId: 'other' },
    },
    { kind: 'queue.open', customerKey: 'A', queueKey: 'q_bank' },
  ];
  await administration.change(edits, { revision: 0, actor: 'anna' });
  const [a, b] = (await administration.read()).customers;
  assert.deepEqual([a!.queues[0]!.state, b!.queues[0]!.state], ['open', 'secure']);
  assert.ok(b!.connections[0]!.settings.every(({ origin }) => origin === 'file'));
  assert.equal((await visitor.fetch(queueOf(system, 'B'))).status, 200, 'the chat of B goes on');
  assert.equal((await system.browser().open(queueOf(system, 'B'))).status, 200);
  assert.equal((await system.browser().fetch(queueOf(system, 'A'))).status, 200);
  assert.deepEqual(identityOf(system.upstream), {});
});
