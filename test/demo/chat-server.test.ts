import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { chatView } from '../../demo/agent-desk/view.ts';
import { Chats } from '../../demo/chat-server/chats.ts';
import { createChatServer } from '../../demo/chat-server/server.ts';
import { readVisitor } from '../../demo/chat-server/visitor.ts';
import { closeServer, reservePort } from '../../demo/ports.ts';

const ASE = {
  'X-Secure-Chat-Connection': 'Signicat',
  'X-Secure-Chat-Id': 'ase-1',
  'X-Secure-Chat-Nickname': '%C3%85se',
  'X-Secure-Chat-Acr': 'urn:signicat:oidc:method:nbid',
  'X-Secure-Chat-Auth-Time': '1795000000',
  'X-Secure-Chat-Variables':
    '[{"name":"name","description":"Name","value":"\\u00c5se <b>"},{"name":"nin","value":"170290*****"}]',
};

async function start(context: TestContext) {
  const server = createChatServer();
  const { server: http, origin, answerWith } = await reservePort({ name: 'chat', port: 0 });
  answerWith(server.app);
  context.after(() => closeServer(http));
  const post = (path: string, headers: Record<string, string>, body: unknown = {}) =>
    fetch(origin + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  return { ...server, origin, post };
}

test('a visitor is read from the headers: decoded, in order, description optional', () => {
  const visitor = readVisitor(Object.entries(ASE).flat());
  assert.deepEqual(visitor, {
    verified: true,
    chatId: 'ase-1',
    nickName: 'Åse',
    connection: 'Signicat',
    variables: [
      { name: 'name', description: 'Name', value: 'Åse <b>' },
      { name: 'nin', description: 'nin', value: '170290*****' },
    ],
    acr: 'urn:signicat:oidc:method:nbid',
    authTime: 1795000000,
  });
});

test('without identity headers the visitor is unverified and has no name', () => {
  const visitor = readVisitor(['Host', 'localhost', 'X-Other', 'x']);
  assert.equal(visitor.verified, false);
  assert.equal(visitor.nickName, undefined);
  assert.equal(chatView(new Chats().open('q_open', visitor)).title, 'Unverified visitor');
});

test('the desk names the eID, and shows an unknown one as it came', () => {
  const view = (acr: string) =>
    chatView(new Chats().open('q', readVisitor(Object.entries({ ...ASE, 'X-Secure-Chat-Acr': acr }).flat())));
  assert.equal(view('urn:signicat:oidc:method:nbid').method, 'BankID (Norway)');
  assert.equal(view('idp:mitid').method, 'MitID (Denmark)');
  assert.equal(view('urn:other').method, 'urn:other');
  assert.equal(view('idp:sbid').verifiedAt, 1795000000_000);
});

test("a person's chat is closed to everybody else, in another queue too", async (t) => {
  const { origin, post } = await start(t);
  const { id } = (await (await post('/queues/q_bank/chats', ASE)).json()) as { id: string };
  const read = async (queue: string, headers: Record<string, string>) =>
    (await fetch(`${origin}/queues/${queue}/chats/${id}/messages`, { headers })).status;
  assert.equal(await read('q_bank', ASE), 200);
  assert.equal(await read('q_bank', {}), 404);
  assert.equal(await read('q_bank', { ...ASE, 'X-Secure-Chat-Id': 'goran-1' }), 404);
  assert.equal(await read('q_open', ASE), 404);
  assert.equal((await post(`/queues/q_bank/chats/${id}/messages`, {}, { text: 'x' })).status, 404);
});

test('a long poll answers with the next message, and an ended chat takes none', async (t) => {
  const { origin, post, chats } = await start(t);
  const { id } = (await (await post('/queues/q_open/chats', {})).json()) as { id: string };
  const base = `/queues/q_open/chats/${id}`;
  const poll = fetch(`${origin}${base}/messages?after=1`);
  assert.equal((await post(`${base}/messages`, {}, { text: '  Hei  ' })).status, 204);
  const { messages } = (await (await poll).json()) as { messages: { text: string }[] };
  assert.deepEqual(
    messages.map(({ text }) => text),
    ['Hei'],
  );
  assert.equal((await post(`${base}/messages`, {}, { text: ' ' })).status, 409);
  chats.end(id, 'over');
  assert.equal((await post(`${base}/messages`, {}, { text: 'late' })).status, 409);
});

test('the chat page shows the name as text and whether the visitor is verified', async (t) => {
  const { origin } = await start(t);
  const verified = await (await fetch(`${origin}/queues/q_bank`, { headers: ASE })).text();
  assert.match(verified, /data-identity="verified"[\s\S]*Åse &lt;b&gt;/);
  const open = await fetch(`${origin}/queues/%3Cscript%3E`);
  const text = await open.text();
  assert.match(text, /data-identity="unverified"/);
  assert.doesNotMatch(text, /<script>/);
  assert.match(open.headers.get('content-security-policy') ?? '', /default-src 'none'/);
});
