import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Redis } from 'ioredis';
import { redisMissing, freePort, startRedis } from '../support/redis.ts';
import { startProvider } from '../support/provider.ts';
import { startUpstream } from '../support/upstream.ts';
import { connection } from '../support/system.ts';
import { createAdministrationFor } from './settings.ts';
import { ALONE, assertDone, configArgs, documentOf, run } from './rig.ts';

const redis = await startRedis();
after(() => redis?.stop());

interface Checked {
  readonly ok: boolean;
  readonly problems: number;
  readonly findings: { about: string; state: string; text: string; cure?: string }[];
}

async function checked(args: readonly string[], env: Record<string, string> = {}) {
  const said = await run(['check', '--json', ...args], { env });
  const document = documentOf<Checked>(said);
  assert.equal(said.code, document.ok ? 0 : 1);
  assert.equal(document.ok, document.problems === 0);
  return { ...document, of: (about: string) => document.findings.filter((one) => one.about === about) };
}

test('everything in order is exit code 0, with what was looked at', { skip: redisMissing }, async (t) => {
  const [provider, upstream] = [await startProvider(), await startUpstream()];
  t.after(() => Promise.all([provider.stop(), upstream.stop()]));
  const options = {
    ...ALONE,
    upstream: upstream.url,
    redisUrl: redis!.url,
    customers: [{ ...ALONE.customers![0]!, connections: [connection(provider)] }],
  };
  const config = await configArgs(t, options);
  const { findings } = await checked(config);
  assert.deepEqual(
    findings.map(({ about, state }) => `${about} ${state}`),
    ['configuration ok', 'redis ok', 'upstream ok', '12345/Signicat ok'],
  );
  const text = assertDone(await run(['check', ...config])).stdout;
  assert.match(text, /^ok +upstream: It answers \(200\)\.$/m);
  assert.match(text, /No problems, 0 warnings\.\n$/);

  // what an administrator has set is what is tried
  const place = { customerKey: '12345', authConnectionName: 'Signicat' };
  const live = await createAdministrationFor(t, options, {
    kind: 'connection',
    ...place,
    settings: { authClientSecret: 'another' },
  });
  const [refused] = (await checked(config)).of('12345/Signicat');
  assert.equal(refused!.state, 'problem');
  assert.match(refused!.cure!, /secret set/);
  const { revision } = await live.administration.read();
  await live.administration.change([{ kind: 'reset' }], { revision, actor: 'anna' });

  await provider.down();
  assert.match((await checked(config)).of('12345/Signicat')[0]!.text, /does not answer/);
  await provider.up();
  provider.behave({ discovery: { issuer: 'https://elsewhere.example' } });
  assert.match((await checked(config)).of('12345/Signicat')[0]!.text, /discovery document/);
  provider.behave({ token: { error: 'server_error', status: 400 } });
  assert.equal((await checked(config)).of('12345/Signicat')[0]!.state, 'warning');
});

test('Redis, chat server and provider that are away are three problems with their cures, in one run', async (t) => {
  const [redisPort, upstreamPort] = [await freePort(), await freePort()];
  const { problems, of } = await checked(
    await configArgs(t, {
      ...ALONE,
      upstream: `http://127.0.0.1:${upstreamPort}`,
      redisUrl: `redis://u:hunter2@127.0.0.1:${redisPort}`,
    }),
  );
  assert.equal(problems, 3);
  assert.match(of('redis')[0]!.text, /ECONNREFUSED/);
  assert.match(of('upstream')[0]!.text, /ECONNREFUSED/);
  for (const about of ['redis', 'upstream', '12345/Signicat']) {
    assert.equal(of(about)[0]!.state, 'problem');
    assert.ok(of(about)[0]!.cure);
    assert.doesNotMatch(JSON.stringify(of(about)), /hunter2/);
  }
});

test('every problem of file and environment is named with its cure, without its value', async (t) => {
  const config = await configArgs(t, { ...ALONE, sessionSecret: 'hunter2', unknownQueues: 'x' as 'open' });
  const { problems, findings } = await checked(config, { PORT: 'hunter2' });
  assert.equal(problems, 3);
  assert.ok(findings.some(({ text }) => text.startsWith('PORT: expected a whole number')));
  assert.ok(findings.some(({ cure }) => cure?.includes('openssl rand')));
  assert.doesNotMatch(JSON.stringify(findings), /hunter2/);
  const unreadable = await checked(['--config', '/no/such/file.json']);
  assert.match(unreadable.findings[0]!.text, /a readable file/);
});

test('--production asks for what production needs, and --offline connects to nothing', async (t) => {
  const [provider, upstream] = [await startProvider(), await startUpstream()];
  t.after(() => Promise.all([provider.stop(), upstream.stop()]));
  const customers = [{ ...ALONE.customers![0]!, connections: [connection(provider)] }];
  const config = await configArgs(t, { ...ALONE, customers, upstream: upstream.url });
  assert.ok((await checked(['--offline', ...config])).ok);
  assert.deepEqual([provider.requests.length, upstream.requests.length], [0, 0]);
  const { of } = await checked(['--offline', '--production', ...config]);
  assert.ok(of('configuration').some(({ text }) => text.startsWith('redisUrl')));
  assert.ok((await checked(['--offline', ...config], { NODE_ENV: 'production' })).problems > 0);
});

async function redisAt(url: string, work: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(url);
  await work(client).finally(() => {
    client.disconnect();
  });
}

test(
  'a Redis that evicts is a warning with its cure, also where CONFIG is forbidden',
  { skip: redisMissing },
  async (t) => {
    const evicting = await startRedis(['--maxmemory-policy', 'volatile-lru']);
    t.after(() => evicting?.stop());
    const ask = async (user: string) => {
      const redisUrl = evicting!.url.replace('//', `//${user}`);
      return (await checked(await configArgs(t, { ...ALONE, redisUrl }))).of('redis');
    };
    await redisAt(evicting!.url, async (client) => {
      await client.call('ACL', 'SETUSER', 'blind', 'on', '>pw', '~*', '&*', '+@all', '-info', '-config');
      await client.call('ACL', 'SETUSER', 'managed', 'on', '>pw', '~*', '&*', '+@all', '-config');
      await client.call('ACL', 'SETUSER', 'curious', 'on', '>pw', '~*', '&*', '+@all', '-info');
    });
    for (const user of ['', 'managed:pw@', 'curious:pw@']) {
      const [fine, warning] = await ask(user);
      assert.equal(fine!.state, 'ok');
      assert.equal(warning!.state, 'warning', user);
      assert.match(warning!.text, /maxmemory-policy is volatile-lru/);
      assert.match(warning!.cure!, /noeviction/);
    }
    const unseen = await ask('blind:pw@');
    assert.deepEqual(
      unseen.map(({ state }) => state),
      ['ok', 'ok'],
    );
    assert.match(unseen[1]!.text, /could not be seen/);
    await redisAt(evicting!.url, (client) => client.config('SET', 'maxmemory-policy', 'noeviction'));
    assert.equal((await ask('')).length, 1);
  },
);
