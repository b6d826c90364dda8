import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { openRaw } from '../support/raw-client.ts';
import { codeOf } from '../support/problem-code.ts';
import { identityOf, inEveryFace } from '../support/system.ts';
import { BASE, idOf, NO_COOKIES, PuzzelPage, startPuzzel } from './puzzel-page.ts';

inEveryFace(
  'a start and a message arrive with the identity, and in the same bytes besides',
  async (t, face) => {
    const { url, provider, upstream, browser } = await startPuzzel(t, { face });
    const page = new PuzzelPage(url, browser());
    const code = await page.login(provider.issuer);
    const started = await page.ask('/sessions', {
      json: `{ "customerKey":"12345","queueKey":"q_bank", "auth":{"code":"${code}"},\r\n "n":12345678901234567890, "f":1e3,"s":"\\u0041\\/","intro":{"showIntro":1.0 , "variables":{"topic":"l\\u00e5n","Personnummer":"1"}}}`,
    });
    assert.equal(started.status, 200, started.body);
    assert.equal(
      upstream.requests.at(-1)!.body.toString(),
      '{ "customerKey":"12345","queueKey":"q_bank",\r\n "n":12345678901234567890, "f":1e3,"s":"\\u0041\\/","intro":{"showIntro":1.0 , "variables":{"topic":"l\\u00e5n","Authentication":"Signicat","Personnummer":"170290*****","Name":"Kari \\u00d8deg\\u00e5rd","F\\u00f8dselsdato":"1990-02-17"}},"chatId":"kari-sub","nickName":"Kari"}',
    );
    const id = idOf(started);
    await page.say(
      id,
      '{"content":{"messageId":1.50,"cancelled":false},"nickName":"M","type":"OptionResult"}',
    );
    const { body, rawHeaders } = upstream.requests.at(-1)!;
    assert.equal(
      body.toString(),
      '{"content":{"messageId":1.50,"cancelled":false},"nickName":"Kari","type":"OptionResult"}',
    );
    const lengths = rawHeaders.filter((_, i) => i % 2 === 1 && /^content-length$/i.test(rawHeaders[i - 1]!));
    assert.deepEqual(lengths, [String(body.length)]);
    assert.ok(!rawHeaders.some((name) => /^transfer-encoding$/i.test(name)));
  },
);

test('a message that is not to be read clearly is refused', async (t) => {
  const { url, provider, upstream, gateway, browser } = await startPuzzel(t);
  const page = new PuzzelPage(url, browser());
  const id = await page.chat(provider.issuer);
  const arrived = upstream.requests.length;
  const send = async (body: string, headers: Record<string, string> = {}) =>
    codeOf(
      await page.ask(`/sessions/${id}/messages`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...headers },
      }),
    );
  assert.equal(await send('{"a":1} x'), 'request_malformed');
  assert.equal(await send('{"nickName":"a","nickName":"b"}'), 'request_malformed');
  assert.equal(await send('{}', { 'content-type': 'text/plain' }), 'request_malformed');
  assert.equal(await send('{}', { 'content-encoding': 'gzip' }), 'request_malformed');
  assert.equal(await send(`{"a":"${'x'.repeat(65_536)}"}`), 'body_too_large');
  assert.equal(upstream.requests.length, arrived);
  const { port } = gateway.server.address() as { port: number };
  const cookie = page.visitor.cookies('127.0.0.1');
  for (const path of [
    `/sessions/${id}/messages.json`,
    `/SESSIONS/${id}/Messages/`,
    `/sessions/${id}/m%C3%A9ssages`,
  ]) {
    const client = await openRaw(port);
    client.write(
      `POST ${BASE}${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: ${cookie}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n12\r\n{"nickName":"evil"\r\n1\r\n}\r\n0\r\n\r\n`,
    );
    assert.match((await client.closed).text, /^HTTP\/1\.1 200 /, path);
    assert.equal(upstream.requests.at(-1)!.body.toString(), '{"nickName":"Kari"}', path);
  }
});

test('what needs no rewriting is not read: open chats stream, and other calls pass byte for byte', async (t) => {
  const { url, provider, upstream, browser } = await startPuzzel(t);
  const page = new PuzzelPage(url, browser());
  const long = `{"nickName":"x","nickName":"y","content":"${'x'.repeat(200_000)}"}`;
  assert.equal((await page.say('12345-open', long)).status, 200);
  assert.equal(upstream.requests.at(-1)!.body.toString(), long);
  assert.deepEqual(identityOf(upstream), {});
  const id = await page.chat(provider.issuer);
  const email = ' {"toEmailAddress":"a@b", "toEmailAddress":1.0,"nickName":"x"} trailing';
  assert.equal((await page.ask(`/sessions/${id}/email`, { json: email })).status, 200);
  assert.equal(upstream.requests.at(-1)!.body.toString(), email);
  assert.equal((await page.ask('/configurations/12345-abc')).status, 200);
});

test('in an open queue auth is dropped where it is ours, and passes where it is not', async (t) => {
  const { url, provider, upstream, browser } = await startPuzzel(t);
  const page = new PuzzelPage(url, browser());
  const code = await page.login(provider.issuer);
  const sent = async (auth: string) => {
    const visit = await page.ask('/sessions', { json: `{"queueKey":"q_open", "auth":${auth} ,"n":1.0}` });
    assert.equal(visit.status, 200, visit.body);
    return upstream.requests.at(-1)!.body.toString();
  };
  for (const auth of [`{"code":"${code}"}`, '{"connectionName":"Signicat"}', `{"code":"${'A'.repeat(43)}"}`])
    assert.equal(await sent(auth), '{"queueKey":"q_open" ,"n":1.0}');
  for (const auth of ['{"code":"another"}', '{}', 'null', '{"connectionName":"Auth0"}'])
    assert.equal(await sent(auth), `{"queueKey":"q_open", "auth":${auth} ,"n":1.0}`);
  assert.equal((await page.start(code)).status, 200, 'nor is the handle used up');
});

test('preflights of chats and of logins are answered for the customer’s pages', async (t) => {
  const { url, upstream, browser } = await startPuzzel(t);
  const ask = (path: string, method: string, origin: string) =>
    browser().fetch(`${url}${BASE}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': method,
        'access-control-request-headers': 'content-type',
      },
    });
  for (const [path, method] of [
    ['/auth/state/12345', 'POST'],
    ['/sessions', 'POST'],
    ['/sessions/12345-1/messages', 'POST'],
    ['/sessions/12345-1/1', 'DELETE'],
  ] as const) {
    const answer = await ask(path, method, 'https://www.bank.example');
    assert.equal(answer.status, 204, path);
    assert.equal(answer.headers.get('access-control-allow-origin'), 'https://www.bank.example');
    assert.equal(answer.headers.get('access-control-allow-credentials'), 'true');
    const foreign = await ask(path, method, 'https://evil.example');
    assert.equal(foreign.headers.get('access-control-allow-origin'), null, path);
  }
  assert.ok(upstream.requests.every(({ headers }) => headers.origin === 'https://evil.example'));
});

inEveryFace('a WebSocket of a chat is opened by cookie, or by the secret of its id', async (t, face) => {
  const { url, provider, upstream, browser } = await startPuzzel(t, { face });
  const attempt = (id: string, cookie = '') =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}${BASE}/sessions/${id}/live`, {
        headers: { cookie },
      });
      socket.on('error', () => undefined);
      socket.on('open', () => {
        resolve('open');
        socket.terminate();
      });
      socket.on('unexpected-response', (_request, response) => {
        resolve(String(response.statusCode));
        response.destroy();
      });
    });
  const page = new PuzzelPage(url, browser());
  const id = await page.chat(provider.issuer);
  assert.equal(await attempt(id), '401');
  assert.equal(await attempt(id, page.visitor.cookies('127.0.0.1')), 'open');
  const secret = await new PuzzelPage(url, browser(), NO_COOKIES).chat(provider.issuer);
  assert.equal(await attempt(secret), 'open');
  assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');
  assert.match(upstream.requests.at(-1)!.url, /\/sessions\/12345-chat2\/live$/);
  assert.equal(await attempt('12345-chat2'), '403');
  assert.equal(await attempt('12345-chat2', page.visitor.cookies('127.0.0.1')), '403');
});
