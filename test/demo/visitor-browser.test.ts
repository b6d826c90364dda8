import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { type TestContext, test } from 'node:test';
import { closeServer, reservePort } from '../../demo/ports.ts';
import { VisitorBrowser } from '../../demo/visitor-browser.ts';

async function serve(context: TestContext, listener: RequestListener): Promise<string> {
  const { server, origin, answerWith } = await reservePort({ name: 'test', port: 0 });
  answerWith(listener);
  context.after(() => closeServer(server));
  return origin;
}

test('cookies come back on their path only, on every port of the host, until they are deleted', async (t) => {
  const first = await serve(t, (request, response) => {
    if (request.url === '/set') {
      response.setHeader('Set-Cookie', [
        'a=1=2; Path=/; HttpOnly',
        'deep=x; Path=/deep',
        'late=y; Max-Age=60',
      ]);
    }
    if (request.url === '/unset') {
      response.setHeader('Set-Cookie', [
        'a=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
        'late=; Max-Age=0',
      ]);
    }
    response.end(request.headers.cookie ?? 'none');
  });
  const second = await serve(t, (request, response) => response.end(request.headers.cookie ?? 'none'));
  const browser = new VisitorBrowser();
  const read = async (url: string) => (await browser.call(url)).text;

  assert.equal(await read(`${first}/set`), 'none');
  assert.equal(await read(`${first}/`), 'a=1=2; late=y');
  assert.equal(await read(`${first}/deep/er`), 'deep=x; a=1=2; late=y');
  assert.equal(await read(`${first}/deeper`), 'a=1=2; late=y');
  assert.equal(await read(`${second}/`), 'a=1=2; late=y');
  await read(`${first}/unset`);
  assert.equal(await read(`${first}/`), 'none');
});

test('a click follows redirects and remembers the way, a script does not follow', async (t) => {
  const origin = await serve(t, (request, response) => {
    if (request.url === '/end') response.end(`${request.method} ${request.headers['sec-fetch-mode']}`);
    else response.writeHead(303, { Location: request.url === '/a' ? '/b' : '/end' }).end();
  });
  const browser = new VisitorBrowser();
  const page = await browser.open(`${origin}/a`, { method: 'POST', body: 'x' });
  assert.deepEqual(page.passed, [`${origin}/a`, `${origin}/b`]);
  assert.equal(page.text, 'GET navigate');
  assert.equal((await browser.call(`${origin}/a`)).status, 303);
});

test('a redirect loop ends with an error that names the address', async (t) => {
  const origin = await serve(t, (_request, response) => response.writeHead(302, { Location: '/' }).end());
  await assert.rejects(new VisitorBrowser().open(`${origin}/`), /more than 20 redirects from http/);
});

test('a port that is taken gives way to a free one, and says so', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  t.after(() => closeServer(other));
  const { port } = other.address() as { port: number };
  const reserved = await reservePort({ name: 'test', port });
  t.after(() => closeServer(reserved.server));
  assert.equal(reserved.moved, true);
  assert.notEqual(reserved.port, port);
});

test('a request that comes before anybody answers waits for the answer', async (t) => {
  const { server, origin, answerWith } = await reservePort({ name: 'test', port: 0 });
  t.after(() => closeServer(server));
  const early = new VisitorBrowser().call(origin);
  await new Promise((resolve) => server.once('request', resolve));
  answerWith((_request, response) => response.end('here'));
  assert.equal((await early).text, 'here');
});
