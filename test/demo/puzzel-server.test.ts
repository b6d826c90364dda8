import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { puzzelDeskChats } from '../../demo/puzzel-server/desk-chats.ts';
import { createPuzzelServer, type PuzzelServer } from '../../demo/puzzel-server/server.ts';
import { closeServer, reservePort } from '../../demo/ports.ts';
import { PuzzelClient } from '../support/puzzel-client.ts';
import type { AgentPace } from '../../demo/puzzel-server/canned-agent.ts';

const AT_ONCE: AgentPace = { joinsAfterMs: 0, answersAfterMs: 0 };
const NEVER: AgentPace = { joinsAfterMs: 3_600_000, answersAfterMs: 3_600_000 };

/** The server, and a client that talks to it without a gateway. */
async function start(
  t: TestContext,
  pace = AT_ONCE,
): Promise<{ server: PuzzelServer; client: PuzzelClient }> {
  const server = createPuzzelServer(pace);
  const reserved = await reservePort({ name: 'puzzel', port: 0 });
  reserved.answerWith(server.listener);
  t.after(() => closeServer(reserved.server));
  const client = new PuzzelClient({
    api: `${reserved.origin}/chat/v1`,
    url: 'https://www.bank.example/help',
    customerKey: '12345',
    queueKey: 'q_bank',
    authConnectionName: 'Signicat',
    authClientId: 'puzzelchatsso',
    authEndpoint: 'http://localhost:9/oidc',
  });
  return { server, client };
}

async function opened(client: PuzzelClient, members: object = {}) {
  const answer = await client.open(undefined, members);
  assert.equal(answer.status, 200, answer.body);
  return JSON.parse(answer.body) as { iqSessionId: string; requestId: number };
}

test('a session answers with iqSessionId and requestId and nothing else', async (t) => {
  const { client } = await start(t);
  const session: Record<string, unknown> = { ...(await opened(client)) };
  assert.deepEqual(Object.keys(session), ['iqSessionId', 'requestId']);
  assert.equal(typeof session['iqSessionId'], 'string');
  assert.equal(typeof session['requestId'], 'number');
});

test('a session without a queue or a customer is 400', async (t) => {
  const { client } = await start(t);
  assert.equal((await client.open(undefined, { queueKey: '' })).status, 400);
  assert.equal((await client.open(undefined, { customerKey: [] })).status, 400);
  assert.equal((await client.ask('POST', '/sessions', '{')).status, 400);
});

test('a chat begins with its Intro, the queue, the agent and a first line', async (t) => {
  const { client } = await start(t);
  const session = await opened(client, {
    nickName: 'Kari',
    intro: { msgWelcomeHeader: 'Hei', msgWelcome: 'Velkommen', variables: { Topic: 'Cards' } },
  });
  const messages = await client.messages(session);
  assert.deepEqual(
    messages.map(({ id, role, type }) => [id, role, type]),
    [
      [1, 1, 'Intro'],
      [2, 1, 'Event'],
      [3, 1, 'Event'],
      [4, 1, 'UserInfo'],
      [5, 1, 'Message'],
    ],
  );
  assert.deepEqual(messages[0]?.content, {
    welcomeHeader: 'Hei',
    welcomeBody: 'Velkommen',
    variables: [{ name: 'Topic', value: 'Cards', secret: false }],
  });
  assert.match(String(messages[1]?.content), /^REQUEST_PUTINQUEUE/);
  assert.equal(messages[2]?.content, 'USER_CONNECTED');
  assert.deepEqual(messages[3]?.content, { userType: 'Human', avatarUrl: '' });
  assert.match(String(messages[4]?.content), /^Hi <b>Kari<\/b>/);
});

test('variables come as a map, as a map of values with secret, and as a list', async (t) => {
  const { client } = await start(t, NEVER);
  const variablesOf = async (variables: unknown) => {
    const [intro] = await client.messages(await opened(client, { intro: { variables } }));
    return (intro?.content as { variables: unknown }).variables;
  };
  assert.deepEqual(await variablesOf({ a: 1, b: { value: 'x', secret: true } }), [
    { name: 'a', value: '1', secret: false },
    { name: 'b', value: 'x', secret: true },
  ]);
  assert.deepEqual(
    await variablesOf([
      { name: 'c', value: 'y', secret: true },
      { name: 'd', value: 'z' },
    ]),
    [
      { name: 'c', value: 'y', secret: true },
      { name: 'd', value: 'z', secret: false },
    ],
  );
});

test('what is posted is HTML-encoded, and BBCode becomes HTML', async (t) => {
  const { client } = await start(t, NEVER);
  const session = await opened(client);
  assert.equal((await client.say(session, '<i>&"[br][b]x[/b]', { nickName: '<K>' })).status, 204);
  const said = (await client.messages(session, 2))[0];
  assert.equal(said?.content, '&lt;i&gt;&amp;&quot;<br><b>x</b>');
  assert.deepEqual([said.role, said.nickName, said.type], [0, '<K>', 'Message']);
});

test('a client posts Message and OptionResult and nothing else', async (t) => {
  const { client } = await start(t, NEVER);
  const session = await opened(client);
  const post = async (type: string, content: unknown) =>
    (await client.ask('POST', `${client.place(session)}/messages`, { nickName: 'K', type, content })).status;
  const choice = { messageId: 2, optionChoice: 'Yes', cancelled: false };
  assert.equal(await post('OptionResult', choice), 204);
  for (const type of ['Event', 'Intro', 'Option', 'Command']) assert.equal(await post(type, 'x'), 400);
  assert.equal(await post('Message', { a: 1 }), 400);
  assert.deepEqual(
    (await client.messages(session, 2)).map(({ content }) => content),
    [choice],
  );
});

test('polling brings what is newer, and 0 the whole history', async (t) => {
  const { client } = await start(t);
  const session = await opened(client);
  const all = await client.messages(session, 0);
  const last = all.at(-1)?.id ?? 0;
  assert.deepEqual(await client.messages(session, last), []);
  await client.say(session, 'hello');
  assert.deepEqual(
    (await client.messages(session, last)).map(({ role }) => role),
    [0, 1],
  );
  assert.equal((await client.messages(session, 0)).length, all.length + 2);
});

test('the fifth answer offers a choice', async (t) => {
  const { client } = await start(t);
  const session = await opened(client);
  for (const text of ['a', 'b', 'c', 'd']) await client.say(session, text);
  const option = (await client.messages(session)).find(({ type }) => type === 'Option');
  assert.deepEqual(option?.content, ['Yes, please', 'No, thank you']);
});

test('the visitor ends a chat with its requestId, and it is 404 at once', async (t) => {
  const { client } = await start(t);
  const session = await opened(client);
  assert.equal((await client.end({ ...session, requestId: session.requestId + 1 })).status, 404);
  assert.equal((await client.end(session)).status, 204);
  assert.equal((await client.poll(session)).status, 404);
  assert.equal((await client.say(session, 'x')).status, 404);
  assert.equal((await client.end(session)).status, 404);
});

test('when the agent ends a chat, one poll reads to its end and the next is 404', async (t) => {
  const { client, server } = await start(t);
  const session = await opened(client);
  assert.equal(puzzelDeskChats(server).end(`12345-${session.iqSessionId}`), true);
  assert.deepEqual((await client.messages(session)).at(-1)?.content, 'REQUEST_DISCONNECTED');
  assert.equal((await client.poll(session)).status, 404);
});

test('transcript and survey are there for known chats, after their end too', async (t) => {
  const { client } = await start(t);
  const session = await opened(client);
  await client.end(session);
  assert.equal((await client.email(session, 'kari@example.no')).status, 204);
  assert.equal((await client.email(session, '')).status, 400);
  const survey = await client.survey(session);
  assert.equal(typeof JSON.parse(survey.body), 'string');
  const nobodys = { iqSessionId: 'unknown', requestId: 1 };
  for (const answer of [client.email(nobodys, 'a@b.no'), client.survey(nobodys), client.poll(nobodys)])
    assert.equal((await answer).status, 404);
});

test('a configuration is a flat map of texts', async (t) => {
  const { client } = await start(t);
  const { status, body } = await client.configuration('7d0c');
  assert.equal(status, 200);
  for (const value of Object.values(JSON.parse(body) as object)) assert.equal(typeof value, 'string');
});

test('pages of any origin may call it, and preflights are answered', async (t) => {
  const { client, server } = await start(t);
  const preflight = await client.ask('OPTIONS', '/sessions', undefined, {
    headers: { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
  });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get('access-control-allow-origin'), 'https://www.bank.example');
  assert.equal(preflight.headers.get('access-control-allow-headers'), 'content-type');
  assert.equal(server.received.length, 0);
});

test('what it has received stands there byte for byte, header by header', async (t) => {
  const { client, server } = await start(t);
  const body = '{ "customerKey" : "1","queueKey":"q",  "big":12345678901234567890 }';
  await client.ask('POST', '/sessions', body, { headers: { 'X-Odd-Name': '1' } });
  const [request] = server.received;
  assert.equal(request?.body.toString(), body);
  assert.deepEqual([request.method, request.target], ['POST', '/chat/v1/sessions']);
  assert.equal(request.rawHeaders[request.rawHeaders.indexOf('X-Odd-Name') + 1], '1');
});

test('a body that is too large is 413', async (t) => {
  const { client } = await start(t);
  assert.equal((await client.open(undefined, { x: 'x'.repeat(70_000) })).status, 413);
});

test("the agent's view shows nickname, chat id, variables and which are secret; who answers there silences the canned one", async (t) => {
  const { client, server } = await start(t);
  const session = await opened(client, {
    nickName: 'Kari',
    chatId: 'sub-1',
    intro: { variables: [{ name: 'Personnummer', value: '170290*****', secret: true }] },
  });
  const desk = puzzelDeskChats(server);
  const [view] = desk.list();
  assert.deepEqual([view?.title, view?.chatId, view?.toldBy], ['Kari', 'sub-1', 'body']);
  assert.deepEqual(view?.variables, [
    { name: 'Personnummer', description: 'Personnummer', value: '170290*****', secret: true },
  ]);
  assert.equal(desk.say(`12345-${session.iqSessionId}`, 'Human here'), true);
  await client.say(session, 'Really?');
  assert.equal((await client.messages(session)).at(-1)?.content, 'Really?');
});

test('an agent at the desk may take a chat before the canned one does', async (t) => {
  const { client, server } = await start(t, NEVER);
  const session = await opened(client);
  const desk = puzzelDeskChats(server);
  const id = `12345-${session.iqSessionId}`;
  assert.equal(desk.take(id), true);
  assert.equal(desk.take(id), false);
  assert.equal(desk.list()[0]?.state, 'active');
});
