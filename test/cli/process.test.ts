import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { Browser } from '../support/browser.ts';
import { freePort, redisMissing, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startUpstream } from '../support/upstream.ts';
import { ALONE, assertDone, configArgs, documentOf, runProcess } from './rig.ts';
import { programOf } from '../support/program-of.ts';

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  version: string;
  bin: Record<string, string>;
};
const built = manifest.bin['secure-chat-gateway']!;
const notBuilt = existsSync(built) ? false : 'dist is not built';

async function startGateway(t: TestContext, env: Record<string, string>) {
  const upstream = await startUpstream();
  t.after(() => upstream.stop());
  const config = await configArgs(t, { ...ALONE, upstream: upstream.url, port: 0, host: '127.0.0.1' });
  // from source: the workers that it forks are the module beside it
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli.ts', 'start', ...config], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  let text = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => {
      reject(new Error(text));
    });
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const line = text.split('\n').find((one) => one.includes('"listening"') && one.endsWith('}'));
      if (line !== undefined)
        resolve(`http://127.0.0.1:${(JSON.parse(line) as { port: number }).port}/secure-chat/readyz`);
    });
  });
  return { child, url, config, said: () => text };
}

test('start serves as npm start does, and ends on SIGTERM with 0', async (t) => {
  const { child, url } = await startGateway(t, {});
  assert.equal((await new Browser().fetch(url)).status, 200);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test(
  'start with several workers has workers that serve, and that go by the settings in Redis',
  { skip: redisMissing },
  async (t) => {
    const redis = (await startRedis())!;
    t.after(() => redis.stop());
    const env = { WEB_CONCURRENCY: '2', PORT: String(await freePort()), REDIS_URL: redis.url };
    const { child, url, said, config } = await startGateway(t, env);
    assert.equal((await new Browser().fetch(url)).status, 200);
    assert.doesNotMatch(said(), /no worker can serve/);

    // each of them goes by what administrators set
    const queue = new URL('/queues/q_open', url).href;
    assert.equal((await new Browser().fetch(queue)).status, 200);
    assertDone(
      await runProcess(['queue', 'secure', 'q_open', '--connection', 'Signicat', ...config], { env }),
    );
    await until('every worker to ask for a login', async () => {
      const visits = Array.from({ length: 6 }, () => new Browser().fetch(queue));
      return (await Promise.all(visits)).every(({ status }) => status === 401);
    });
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  },
);

test('start with a broken configuration names the problems and exits with 1', async () => {
  const said = await runProcess(['start'], { env: { SESSION_SECRET: 'hunter2' } });
  assert.equal(said.code, 1);
  assert.match(said.stderr, /The configuration has/);
  assert.doesNotMatch(said.stderr, /hunter2/);
});

test('exit codes are those of the document, and stdin that nobody closes keeps no process', async () => {
  assert.equal((await runProcess(['keys', 'generate'])).code, 0);
  assert.equal((await runProcess(['check', '--offline'])).code, 1);
  assert.equal((await runProcess(['bogus'])).code, 2);
  assert.equal((await runProcess(['--version'])).stdout, `${manifest.version}\n`);
  const child = spawn(process.execPath, [...programOf('src/cli.ts'), 'keys', 'generate'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('a reader that goes away early ends nothing with a stack', async () => {
  const child = spawn('sh', ['-c', `node ${programOf('src/cli.ts').join(' ')} --help | true`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await once(child, 'close');
  assert.doesNotMatch(stderr, /EPIPE|\s+at /);
});

const noScript = spawnSync('script', ['--version']).status === 0 ? false : 'no script(1) on this machine';

test('on a real terminal what is typed is not shown', { skip: noScript }, async () => {
  const command = `"${process.execPath}" ${programOf('src/cli.ts').join(' ')} admin hash-token`;
  const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const before = text;
    text += chunk.toString();
    if (!before.includes('not shown') && text.includes('not shown'))
      child.stdin.write('planted-Token-of-the-test-8fk2\r');
  });
  const [code] = (await once(child, 'close')) as [number];
  assert.equal(code, 0, text);
  assert.match(text, /ADMIN_TOKEN_HASH=administrator:\$scrypt/);
  assert.doesNotMatch(text, /planted/);
});

test('the built program is the one that the package names', { skip: notBuilt }, async () => {
  assert.match(readFileSync(built, 'utf8'), /^#!\/usr\/bin\/env node\n/);
  const said = await runProcess(['keys', 'generate', '--json'], { script: [built] });
  assert.ok(documentOf(assertDone(said))['ok']);
});
