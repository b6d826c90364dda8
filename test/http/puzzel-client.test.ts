import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { closeServer, reservePort } from '../../demo/ports.ts';
import { createPuzzelServer, type PuzzelServer } from '../../demo/puzzel-server/server.ts';
import { readVariables, record } from '../../demo/puzzel-server/wire.ts';
import { Browser } from '../support/browser.ts';
import type { Face } from '../support/faces.ts';
import { codeOf } from '../support/problem-code.ts';
import { PuzzelClient, type PuzzelManner, type PuzzelSession } from '../support/puzzel-client.ts';
import { inEveryFace, ola, startSystem, type System } from '../support/system.ts';

// a client made from the public facts alone, before a fake server made from the same, with the gateway between them

/** A page of another site, and a page of the gateway's own, as browsers show them. */
const MANNERS: Readonly<Record<string, PuzzelManner>> = {
  'without cookies, from another site': { site: 'cross-site' },
  "with cookies, from the gateway's own site": { site: 'same-site', cookies: true },
};

interface Rig {
  readonly system: System;
  readonly server: PuzzelServer;
  readonly client: (manner?: PuzzelManner, over?: { queueKey?: string }) => PuzzelClient;
}

async function start(t: TestContext, face?: Face): Promise<Rig> {
  const server = createPuzzelServer({ joinsAfterMs: 0, answersAfterMs: 0 });
  const reserved = await reservePort({ name: 'puzzel', port: 0 });
  reserved.answerWith(server.listener);
  t.after(() => closeServer(reserved.server));
  const system = await startSystem(t, {
    ...(face && { face }),
    options: { preset: 'puzzel-v1', upstream: { url: `http://127.0.0.1:${reserved.port}` } },
  });
  const page = {
    api: `${system.url}/chat/v1`,
    url: 'https://www.bank.example/help',
    customerKey: '12345',
    queueKey: 'q_bank',
    authConnectionName: 'Signicat',
    authClientId: 'portal',
    authEndpoint: system.provider.issuer,
  };
  return {
    system,
    server,
    client: (manner = {}, over = {}) => new PuzzelClient({ ...page, ...over }, manner),
  };
}

/** What the fake server got last. */
function last({ server }: Rig): { target: string; body: Readonly<Record<string, unknown>>; headers: string } {
  const { target, body, rawHeaders } = server.received.at(-1) ?? assert.fail('nothing arrived');
  return {
    target,
    body: record(body.length === 0 ? {} : JSON.parse(body.toString())) ?? {},
    headers: rawHeaders.join('\n').toLowerCase(),
  };
}

for (const [name, manner] of Object.entries(MANNERS)) {
  inEveryFace(`${name}: a whole chat, verified, by the vendor's protocol`, async (t, face) => {
    const rig = await start(t, face);
    const client = rig.client(manner);
    const forged = {
      nickName: 'Mallory',
      chatId: 'x',
      intro: { variables: { Personnummer: '1', Page: '/help' } },
    };
    const session = await client.start(forged);
    const [chat] = rig.server.chats.list();
    assert.deepEqual([chat?.nickName, chat?.chatId], ['Kari', 'kari-sub']);
    const variables = readVariables(record(last(rig).body['intro'])?.['variables']);
    const valueOf = (wanted: string) =>
      variables.filter((one) => one.name === wanted).map(({ value }) => value);
    assert.deepEqual(valueOf('Personnummer'), ['170290*****']);
    assert.deepEqual(valueOf('Page'), ['/help']);
    assert.ok(!('auth' in last(rig).body));

    assert.equal((await client.say(session, 'Hei <b>', { nickName: 'Mallory' })).status, 204);
    assert.deepEqual(last(rig).body, { nickName: 'Kari', type: 'Message', content: 'Hei <b>' });
    assert.equal(last(rig).target, `/chat/v1/sessions/${chat?.id ?? ''}/messages`);
    const messages = await client.messages(session);
    assert.ok(messages.some(({ content, nickName }) => content === 'Hei &lt;b&gt;' && nickName === 'Kari'));
    assert.match(last(rig).headers, /x-secure-chat-id\nkari-sub/);

    assert.equal((await client.survey(session, { nickName: 'Mallory' })).status, 200);
    assert.equal(last(rig).body['nickName'], 'Kari');
    assert.equal((await client.email(session, 'kari@example.no')).status, 204);
    assert.equal((await client.end(session)).status, 204);
    assert.equal((await client.poll(session)).status, 404);
    assert.ok(!rig.server.received.some(({ body }) => body.includes('17029012345')));
  });

  test(`${name}: a code is good for one chat`, async (t) => {
    const rig = await start(t);
    const client = rig.client(manner);
    const code = await client.authCode();
    assert.equal((await client.open(code)).status, 200);
    const arrived = rig.server.received.length;
    // without its cookies, a browser that stole the code after its use
    const thief = rig.client(manner);
    assert.equal(codeOf(await thief.open(code)), 'login_required');
    assert.equal(rig.server.received.length, arrived);
  });

  test(`${name}: a stolen id reads no chat, says nothing and ends nothing`, async (t) => {
    const rig = await start(t);
    const session = await rig.client(manner).start();
    const [chat] = rig.server.chats.list();
    const bare: PuzzelSession = { ...session, iqSessionId: chat?.iqSessionId ?? '' };
    const stranger = rig.client(manner);
    rig.system.provider.setPerson(ola);
    const verified = rig.client(manner);
    await verified.start();
    const arrived = rig.server.received.length;
    for (const thief of [stranger, verified]) {
      for (const attempt of [
        thief.poll(bare),
        thief.say(bare, 'x'),
        thief.email(bare, 'thief@example.no'),
        thief.survey(bare),
        thief.end(bare),
      ])
        assert.ok([401, 403].includes((await attempt).status));
    }
    assert.equal(rig.server.received.length, arrived);
    assert.equal(rig.server.chats.list()[0]?.state, 'active');
  });

  test(`${name}: no login, no chat, and the code of nobody is none`, async (t) => {
    const rig = await start(t);
    for (const code of [undefined, 'x', 'x'.repeat(43)])
      assert.equal(codeOf(await rig.client(manner).open(code)), 'login_required');
    assert.equal(rig.server.received.length, 0);
  });
}

test('the code of a login with cookies is refused in another browser, and still good in its own', async (t) => {
  const rig = await start(t);
  const manner = MANNERS["with cookies, from the gateway's own site"];
  const client = rig.client(manner);
  const code = await client.authCode();
  assert.equal(codeOf(await rig.client(manner).open(code)), 'login_required');
  assert.equal(rig.server.received.length, 0);
  assert.equal((await client.open(code)).status, 200);
});

test('a login that another browser was sent into is refused', async (t) => {
  const rig = await start(t);
  const bound = rig.client({ site: null, cookies: true });
  assert.equal(codeOf(await new Browser().fetch(await bound.signInUntilRedirect())), 'state_mismatch');
  const cookieless = rig.client({ site: 'cross-site' });
  const other = new Browser({ 'user-agent': 'Another/1.0' });
  assert.equal(codeOf(await other.fetch(await cookieless.signInUntilRedirect())), 'state_mismatch');
});

test('a page of an origin that the customer does not name gets no state', async (t) => {
  const rig = await start(t);
  const foreign = new PuzzelClient({ ...rig.client().page, url: 'https://www.evil.example/' });
  assert.equal(codeOf(await foreign.askState()), 'return_to_refused');
});

test('an open queue gets the body byte for byte, and no identity', async (t) => {
  const rig = await start(t);
  const client = rig.client({}, { queueKey: 'q_open' });
  const body = '{ "customerKey":"12345",\n "queueKey" : "q_open", "nickName":"\\u0041", "n":1e3 }';
  const opened = await client.ask('POST', '/sessions', body);
  assert.equal(opened.status, 200);
  assert.equal(rig.server.received[0]?.body.toString(), body);
  assert.doesNotMatch(last(rig).headers, /x-secure-chat/);
  const session = JSON.parse(opened.body) as PuzzelSession;
  assert.equal((await client.say(session, 'Hei', { nickName: 'Anyone' })).status, 204);
  assert.equal(last(rig).body['nickName'], 'Anyone');
  assert.equal((await client.configuration('7d0c')).status, 200);
});
