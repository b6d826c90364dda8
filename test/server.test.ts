import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { Browser } from './support/browser.ts';
import { startUpstream } from './support/upstream.ts';
import { until } from './support/until.ts';
import { programOf } from './support/program-of.ts';

const COMPLETE = {
  PORT: '0',
  HOST: '127.0.0.1',
  PUBLIC_URL: 'http://127.0.0.1:3000',
  AUTH_CONNECTION_NAME: 'Signicat',
  AUTH_CLIENT_ID: 'puzzelchatssodev',
  AUTH_ENDPOINT: 'https://preprod.signicat.com/oidc',
  AUTH_MAPPING: '{}',
  SECURE_QUEUES: 'q_bank',
  SESSION_SECRET: 'kq8Zr2Vw5Ty7Ui9Op1As3Df4Gh6Jk8Lz',
};

/** The production server as a process, from source. */
function run(t: TestContext, env: Record<string, string>, args: readonly string[] = []): ChildProcess {
  const child = spawn(process.execPath, [...programOf('src/server.ts'), ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

async function everything(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = '';
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}

/** The port in the record `listening`. */
async function listening(child: ChildProcess): Promise<number> {
  let text = '';
  for await (const chunk of child.stdout! as AsyncIterable<Buffer>) {
    text += chunk.toString();
    const record = text.split('\n').find((line) => line.includes('"listening"'));
    if (record !== undefined) return (JSON.parse(record) as { port: number }).port;
  }
  throw new Error(`never listened: ${text}`);
}

test('npm start refuses a configuration with problems, names all of them at once and prints no secret', async (t) => {
  const { code, stderr } = await everything(
    run(t, {
      ...COMPLETE,
      NODE_ENV: 'production',
      SESSION_SECRET: 'canary-short',
      AUTH_MAPPING: '{"sub":{"MapType":"Chatid"}}',
      AUTH_CLIENT_SECRET: 'canary-secret',
    }),
  );
  assert.equal(code, 1);
  for (const expected of [/SESSION_SECRET/, /REDIS_URL|redisUrl/, /upstream/, /did you mean "ChatId"/])
    assert.match(stderr, expected);
  assert.doesNotMatch(stderr, /canary/);
});

test('npm start serves, and ends on SIGTERM within the second', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.stop());
  const child = run(t, { ...COMPLETE, UPSTREAM_URL: upstream.url });
  const port = await listening(child);
  assert.equal((await new Browser().fetch(`http://127.0.0.1:${port}/secure-chat/readyz`)).status, 200);
  assert.equal((await new Browser().fetch(`http://127.0.0.1:${port}/hello`)).status, 200);
  // for await has closed its end of the pipe: nobody reads the log any more, which must keep nothing alive
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('a signal to the whole process group, npm included, lets what runs finish', async (t) => {
  let finish = (): void => undefined;
  const upstream = await startUpstream((_req, res) => void (finish = () => res.end('late')));
  t.after(() => upstream.stop());
  const child = spawn('sh', ['-c', `node ${programOf('src/server.ts').join(' ')} & wait; wait`], {
    detached: true,
    env: { PATH: process.env['PATH'], ...COMPLETE, UPSTREAM_URL: upstream.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const port = await listening(child);
  const slow = new Browser().fetch(`http://127.0.0.1:${port}/slow`);
  await upstream.next();
  process.kill(-child.pid!, 'SIGTERM');
  // the first one is at work before the others come
  const ready = `http://127.0.0.1:${port}/secure-chat/readyz`;
  await until('readiness to be red', async () => (await new Browser().fetch(ready)).status === 503);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.kill(-child.pid!, signal);
  assert.equal((await new Browser().fetch(`http://127.0.0.1:${port}/secure-chat/readyz`)).status, 503);
  finish();
  assert.equal((await slow).body, 'late');
});
