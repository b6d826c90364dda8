import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { Browser } from './support/browser.ts';
import { startProvider } from './support/provider.ts';
import { freePort } from './support/redis.ts';
import { kari } from './support/system.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';

/** Runs one of the examples, unchanged, as its reader would. */
async function run(
  t: TestContext,
  example: string,
  upstreamUrl?: string,
): Promise<{ url: string; upstream: Upstream }> {
  const provider = await startProvider({
    person: kari,
    clients: { puzzelchatssodev: { secret: 'example-secret' } },
  });
  const upstream = await startUpstream();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, ['--import', 'tsx', `examples/${example}.ts`], {
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      PUBLIC_URL: url,
      UPSTREAM_URL: upstreamUrl ?? upstream.url,
      AUTH_ENDPOINT: provider.issuer,
      AUTH_CLIENT_SECRET: 'example-secret',
      SESSION_SECRET: 'a secret for the examples that is long enough',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  t.after(async () => {
    if (child.exitCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await upstream.stop();
    await provider.stop();
  });
  await answering(`${url}/secure-chat/healthz`, child);
  return { url, upstream };
}

async function answering(address: string, child: ReturnType<typeof spawn>): Promise<void> {
  for (;;) {
    assert.equal(child.exitCode, null, 'the example ended');
    const answer = await fetch(address).catch(() => undefined);
    if (answer?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('examples/stand-alone.ts: a verified chat', async (t) => {
  const { url, upstream } = await run(t, 'stand-alone');
  assert.equal((await new Browser().open(`${url}/queues/q_bank`)).status, 200);
  assert.equal(upstream.requests.at(-1)!.headers['x-secure-chat-variable-national-id'], '170290*****');
});

test('examples/express-middleware.ts: the chat beside a page of the host', async (t) => {
  const { url, upstream } = await run(t, 'express-middleware');
  const visitor = new Browser();
  assert.equal((await visitor.fetch(`${url}/about`)).body, 'a page of the host');
  assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200);
  assert.equal(upstream.requests.at(-1)!.headers['x-secure-chat-nickname'], 'Kari');
  assert.equal(upstream.requests.length, 1);
});

test('examples/existing-session.ts: one session for both, WebSockets included', async (t) => {
  const { url, upstream } = await run(t, 'existing-session');
  const visitor = new Browser();
  assert.equal((await visitor.fetch(`${url}/visits`)).body, '{"visits":1}');
  assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200);
  assert.equal(
    (await visitor.fetch(`${url}/visits`)).body,
    '{"visits":2}',
    "the host's data outlives the new session id",
  );
  const socket = new WebSocket(`${url.replace('http', 'ws')}/queues/q_bank/ws`, {
    headers: { cookie: visitor.cookies('127.0.0.1') },
  });
  await once(socket, 'open');
  assert.equal(upstream.requests.at(-1)!.headers['x-secure-chat-nickname'], 'Kari');
  assert.equal(upstream.requests.at(-1)!.headers.cookie, undefined);
  socket.terminate();
});

test("examples/own-handlers.ts: the host's own handler knows who it is", async (t) => {
  const { url } = await run(t, 'own-handlers');
  const visitor = new Browser();
  assert.equal(
    (await visitor.fetch(`${url}/queues/q_open`, { headers: { 'x-secure-chat-nickname': 'evil' } })).body,
    '{"nickName":"unverified"}',
  );
  assert.equal((await visitor.open(`${url}/queues/q_bank`)).body, '{"nickName":"Kari"}');
});

test('examples/websocket-chat.ts: behind the gateway it knows who is talking', async (t) => {
  const port = await freePort();
  const server = spawn(process.execPath, ['--import', 'tsx', 'examples/websocket-chat.ts'], {
    env: { PATH: process.env['PATH'], PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  t.after(() => server.kill('SIGKILL'));
  await answering(`http://127.0.0.1:${port}/`, server);
  const { url } = await run(t, 'stand-alone', `http://127.0.0.1:${port}`);
  const visitor = new Browser();
  await visitor.open(`${url}/queues/q_bank`);
  const socket = new WebSocket(`${url.replace('http', 'ws')}/queues/q_bank/ws`, {
    headers: { cookie: visitor.cookies('127.0.0.1') },
  });
  const [hello] = (await once(socket, 'message')) as [Buffer];
  assert.equal(hello.toString(), 'agent sees Kari (Personnummer: 170290*****)');
  socket.send('hei');
  const [echo] = (await once(socket, 'message')) as [Buffer];
  assert.equal(echo.toString(), 'Kari: hei');
  socket.terminate();
});
