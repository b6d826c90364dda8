/** A code, token, cookie, key, password or national id in a log, an answer or the store (five fixes in mod_auth_openidc in 2026; Traefik GHSA-h2ph-vhm7-g4hp): marked secrets through every flow, and none of them comes out anywhere. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Redis } from 'ioredis';
import { startProvider, type Provider } from '../support/provider.ts';
import { freePort, redisMissing, startRedis } from '../support/redis.ts';
import { connection, inEveryFace, startSystem } from '../support/system.ts';
import { startUpstream } from '../support/upstream.ts';
import { collectSecrets, leaksIn, leaksInAnswers, Recorder, type Secrets } from './g3-canaries.ts';
import { CHAT_ID, everyTokenFlow } from './g3-tokens.ts';
import { CLIENT_MARK, everyFlow, person, upstream } from './g3-flows.ts';
import { programOf } from '../support/program-of.ts';

const CLIENT_SECRET = 'canary-client-secret-at-the-provider';
const REDIS_PASSWORD = `canary-redis-${randomBytes(8).toString('hex')}`;
const SESSION_SECRET = randomBytes(36).toString('base64');
const SEAL_KEY = randomBytes(32).toString('base64');
const CONFIGURED: Secrets = new Map([
  ['client secret', CLIENT_SECRET],
  ['Redis password', REDIS_PASSWORD],
  ['session secret', SESSION_SECRET],
  ['seal key', SEAL_KEY],
  ['what a client sent', CLIENT_MARK],
]);
const RULES = [
  { path: '/queues/:queueKey{/*rest}' },
  { query: 'queueKey' },
  { method: 'POST', path: '/sessions', body: 'queueKey' },
];
const clients = { portal: { secret: CLIENT_SECRET } };

/** Fails with the names of what has come out, never with a value. */
function assertNothingIn(text: string, secrets: Secrets, where: string): void {
  assert.deepEqual(leaksIn(text, secrets), [], where);
}

function assertAnswers(secrets: Secrets, provider: Provider): void {
  const answers = Recorder.answers.splice(0).filter(({ url }) => !url.startsWith(provider.url));
  assert.ok(answers.length > 100);
  // the address that a visitor came with stands in the way back to it
  const own: Secrets = new Map([...secrets].filter(([name]) => name !== 'what a client sent'));
  const failed = ({ status }: (typeof answers)[number]) => status === 0 || status >= 400;
  assert.deepEqual(leaksInAnswers(answers.filter(failed), secrets), [], 'refusals');
  assert.deepEqual(
    leaksInAnswers(
      answers.filter((answer) => !failed(answer)),
      own,
    ),
    [],
    'answers',
  );
}

inEveryFace('no secret comes out of any flow: log and answers', async (t, face) => {
  const provider = await startProvider({ person, clients });
  t.after(() => provider.stop());
  const behind = await startUpstream(upstream);
  t.after(() => behind.stop());
  const { url, log } = await startSystem(t, {
    face,
    provider,
    connection: { authClientSecret: CLIENT_SECRET },
    options: {
      upstream: { url: behind.url, timeoutMs: 300 },
      sessionSecret: SESSION_SECRET,
      sealKey: SEAL_KEY,
      queueRules: RULES,
      trustProxy: 1,
    },
  });
  const browsers = await everyFlow({ url, provider, checkpoint: () => Promise.resolve() });
  const secrets: Secrets = new Map([...CONFIGURED, ...collectSecrets(provider, browsers)]);
  assert.ok(secrets.size > 100 && log.length > 100);
  assertNothingIn(log.map((line) => JSON.stringify(line)).join('\n'), secrets, 'the log');
  assertAnswers(secrets, provider);
});

/** Every key and value of Redis, and what each part of them is in base64. */
async function dump(redis: { url: string }): Promise<string> {
  const client = new Redis(redis.url, { password: REDIS_PASSWORD });
  const texts: string[] = [];
  for (const key of await client.keys('*')) {
    const type = await client.type(key);
    const value =
      type === 'string'
        ? await client.get(key)
        : type === 'stream'
          ? await client.xrange(key, '-', '+')
          : type;
    texts.push(`${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  }
  client.disconnect();
  const all = texts.join('\n');
  const decoded = (all.match(/[\w+/-]{12,}/g) ?? []).map((part) =>
    Buffer.from(part, 'base64').toString('latin1'),
  );
  return [all, ...decoded].join('\n');
}

/** The production server from source, with everything that it prints. */
function run(
  t: TestContext,
  env: Record<string, string>,
  args: readonly string[],
  imports: readonly string[] = [],
) {
  const child = spawn(process.execPath, [...imports, ...programOf('src/server.ts'), ...args], {
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'debug', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const printed = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (printed.text += chunk.toString()));
  const listening = async () => {
    while (!printed.text.includes('"listening"')) await once(child.stdout, 'data');
  };
  return { child, printed, listening };
}

test(
  'npm start on Redis: no secret in stdout, stderr, answers or the store, whatever goes wrong',
  { skip: redisMissing },
  async (t) => {
    const redis = (await startRedis(['--requirepass', REDIS_PASSWORD]))!;
    t.after(() => redis.stop());
    const provider = await startProvider({ person, clients });
    t.after(() => provider.stop());
    const behind = await startUpstream(upstream);
    t.after(() => behind.stop());
    const folder = await mkdtemp(join(tmpdir(), 'scg-g3-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const ports = [await freePort(), await freePort()];
    const file = join(folder, 'gateway.json');
    const env = (port: number, password: string) => ({
      PORT: String(port),
      HOST: '127.0.0.1',
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      REDIS_URL: redis.url.replace('//', `//:${password}@`),
      SESSION_SECRET,
      SEAL_KEY,
      TRUST_PROXY: '1',
    });
    await writeFile(
      file,
      JSON.stringify({
        upstream: { url: behind.url, timeoutMs: 300 },
        queueRules: RULES,
        customers: [
          {
            customerKey: '1',
            connections: [connection(provider, { authClientSecret: CLIENT_SECRET })],
            queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }, { queueKey: 'q_open' }],
          },
        ],
      }),
    );
    const gateway = run(t, env(ports[0]!, REDIS_PASSWORD), ['--config', file]);
    const wrong = `${REDIS_PASSWORD}-wrong`;
    // whatever else throws in the process: its own report of it would quote the message
    const bug = join(folder, 'bug.mjs');
    await writeFile(
      bug,
      `const { SESSION_SECRET, SEAL_KEY } = process.env;
      process.once('SIGUSR2', () => { throw Object.assign(new Error(SESSION_SECRET), { args: [SEAL_KEY] }); });`,
    );
    const stranger = run(t, env(ports[1]!, wrong), ['--config', file], ['--import', bug]);
    await Promise.all([gateway.listening(), stranger.listening()]);

    const url = `http://127.0.0.1:${ports[0]}`;
    const dumps: string[] = [];
    let rounds = 0;
    const checkpoint = async () => {
      // every kind of record is there in the first rounds
      if (rounds++ < 6) dumps.push(await dump(redis));
    };
    const browsers = await everyFlow({ url, provider, checkpoint });
    dumps.push(await dump(redis));
    await redis.kill();
    const visitor = new Recorder();
    browsers.push(visitor);
    const [cookie] = browsers[0]!.jar.get('127.0.0.1') ?? [];
    visitor.jar.set(
      '127.0.0.1',
      new Map([cookie ?? ['secure-chat', `s%3A${'a'.repeat(32)}.${'b'.repeat(43)}`]]),
    );
    for (const path of [
      '/queues/q_bank',
      '/secure-chat/readyz',
      '/secure-chat/session',
      '/secure-chat/login?queueKey=q_bank',
    ])
      await visitor.fetch(url + path);

    assert.equal((await visitor.fetch(`http://127.0.0.1:${ports[1]}/secure-chat/readyz`)).status, 503);
    assert.equal(
      (await visitor.fetch(`http://127.0.0.1:${ports[1]}/secure-chat/login?queueKey=q_bank`)).status,
      503,
    );
    stranger.child.kill('SIGUSR2');
    assert.deepEqual(await once(stranger.child, 'close'), [1, null]);
    gateway.child.kill('SIGTERM');
    await once(gateway.child, 'close');

    const secrets: Secrets = new Map([
      ...CONFIGURED,
      ['wrong password', wrong],
      ...collectSecrets(provider, browsers),
    ]);
    assert.ok(secrets.size > 100);
    for (const { printed } of [gateway, stranger])
      assertNothingIn(printed.text, secrets, 'stdout and stderr');
    assert.match(gateway.printed.text, /"level":"debug"/);
    assert.match(stranger.printed.text, /a failure that nobody caught/);
    assertAnswers(secrets, provider);
    assert.ok(dumps.length > 5 && dumps.every((text) => text.length > 0));
    assertNothingIn(dumps.join('\n'), secrets, 'Redis');
  },
);

test(
  'no ticket, handle, verifier, challenge, token or chat id comes out of any flow: log, refusals, upstream, Redis',
  { skip: redisMissing },
  async (t) => {
    const redis = (await startRedis(['--requirepass', REDIS_PASSWORD]))!;
    t.after(() => redis.stop());
    const system = await startSystem(t, {
      upstream: (req, res) => {
        req.resume();
        res.setHeader('Content-Type', 'application/json').end(JSON.stringify({ id: CHAT_ID }));
      },
      options: {
        redisUrl: redis.url.replace('//', `//:${REDIS_PASSWORD}@`),
        chatRules: [
          { method: 'POST', path: '/queues/:queueKey/chats', chatIdFrom: 'id' },
          { path: '/queues/:queueKey/chats/:chatId{/*rest}' },
          { path: '/chats/:chatId{/*rest}' },
        ],
      },
    });
    const dumps: string[] = [];
    const { secrets, refusals } = await everyTokenFlow(system, async () => {
      dumps.push(await dump(redis));
    });
    Recorder.answers.splice(0);
    assert.ok(secrets.size >= 9 && dumps.length === 5);
    const all = dumps.join('\n');
    for (const kind of ['ticket', 'page-login', 'token', 'chat', 'logout-ticket'])
      assert.ok(all.includes(`scg:${kind}:`), `${kind} was in the store`);
    assertNothingIn(all, secrets, 'Redis');
    assertNothingIn(system.log.map((line) => JSON.stringify(line)).join('\n'), secrets, 'the log');
    assertNothingIn(refusals.join('\n'), secrets, 'refusals');
    // the chat server knows its own chats, and nothing else of these
    const own = new Map([...secrets].filter(([name]) => !name.startsWith('chat id')));
    const seen = system.upstream.requests.map(({ rawHeaders, url }) => `${url} ${rawHeaders.join(' ')}`);
    assertNothingIn(seen.join('\n'), own, 'upstream');
  },
);
