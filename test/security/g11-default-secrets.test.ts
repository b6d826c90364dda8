/** A gateway that runs on a shipped, short or repeated secret (traefik-oidc-auth's default): the start is refused, every problem is named at once, and no secret is printed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { ConfigError } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { runs } from '../support/runs.ts';
import { programOf } from '../support/program-of.ts';

/** A copy of the sources alone has none. */
const examplesMissing = existsSync(new URL('../../examples/', import.meta.url)) ? false : 'no examples here';

const SECRET = randomBytes(48).toString('base64');
const KEY = randomBytes(32).toString('base64');

/** Nothing is wrong here. */
const GOOD: Readonly<Record<string, string>> = {
  NODE_ENV: 'production',
  PORT: '0',
  HOST: '127.0.0.1',
  PUBLIC_URL: 'https://chat.bank.example',
  UPSTREAM_URL: 'http://127.0.0.1:9',
  REDIS_URL: 'redis://127.0.0.1:9',
  SESSION_SECRET: SECRET,
  SEAL_KEY: KEY,
  AUTH_CONNECTION_NAME: 'Signicat',
  AUTH_CLIENT_ID: 'portal',
  AUTH_ENDPOINT: 'https://preprod.signicat.com/oidc',
  AUTH_MAPPING: '{"AuthUserId":{"MapType":"ChatId"}}',
  SECURE_QUEUES: 'q_bank',
};

/** What the start says against this environment; undefined when it takes it. */
function refusal(env: Readonly<Record<string, string | undefined>>): string | undefined {
  try {
    loadConfig({ argv: [], env: { ...GOOD, ...env } });
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
}

/** Secrets that anybody could write down without having seen ours. */
const SAMPLES = [
  'MLFs4TT99kOOq8h3UAVRtYoCTDYXiRcZ',
  'changeme-changeme-changeme-changeme',
  'please-change-me-please-change-me!!',
  'secretsecretsecretsecretsecretsecret',
  'keyboard cat keyboard cat keyboard cat',
  'use [openssl rand -hex 32] to generate a 32 bytes value',
  'only for trying this out on loopback',
  'your-secret-your-secret-your-secret-your-secret',
  '12345678901234567890123456789012',
  '0123456789abcdef0123456789abcdef',
  'abcdefghijklmnopqrstuvwxyz0123456789',
  'ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ',
  '00000000000000000000000000000000000000000000000000000000000000ab',
  'aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb',
  'correct horse battery staple correct horse battery staple',
  'deadbeefdeadbeefdeadbeefdeadbeef',
];

test('a good configuration starts; random secrets of every usual make are good', () => {
  assert.equal(refusal({}), undefined);
  fc.assert(
    fc.property(fc.nat(3), (make) => {
      const bytes = randomBytes(32);
      const secret = [
        bytes.toString('hex'),
        bytes.toString('base64'),
        bytes.toString('base64url'),
        bytes.subarray(0, 16).toString('hex'),
      ][make]!;
      assert.equal(
        refusal({ SESSION_SECRET: secret, SEAL_KEY: randomBytes(32).toString('base64') }),
        undefined,
      );
    }),
    { numRuns: runs(500) },
  );
});

test('samples, counting, patterns and short ones are refused as session secret and as seal key', () => {
  for (const sample of SAMPLES) {
    const told = refusal({ SESSION_SECRET: sample });
    assert.match(told ?? 'taken', /SESSION_SECRET/, sample);
    const key = Buffer.from(sample.padEnd(32, sample).slice(0, 32));
    if (/changeme|secret|keyboard|12345|abcdef|0000|aaaa|dead/i.test(sample))
      assert.match(refusal({ SEAL_KEY: key.toString('base64') }) ?? 'taken', /SEAL_KEY/, sample);
  }
  const counting = Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64');
  for (const key of [
    counting,
    Buffer.alloc(32).toString('base64'),
    Buffer.alloc(32, 'ab').toString('base64'),
  ])
    assert.match(refusal({ SEAL_KEY: key }) ?? 'taken', /SEAL_KEY/);

  const unit = fc.stringMatching(/^[abcdefXYZ0189\-_!]{1,16}$/);
  fc.assert(
    fc.property(unit, fc.nat(40), fc.string({ maxLength: 3 }), (pattern, more, end) => {
      const secret = pattern.repeat(Math.ceil((36 + more) / pattern.length)) + end.replaceAll(',', '');
      assert.match(refusal({ SESSION_SECRET: secret }) ?? 'taken', /SESSION_SECRET/);
    }),
    { numRuns: runs(300) },
  );
  fc.assert(
    fc.property(fc.nat(31), (length) => {
      const short = randomBytes(32).toString('base64url').slice(0, length);
      const told = refusal({ SESSION_SECRET: short });
      assert.match(told ?? 'taken', /SESSION_SECRET|sessionSecret/);
      assert.ok(length < 4 || !told!.includes(short));
    }),
    { numRuns: runs(100) },
  );
});

test('no secret does two things, or the same thing twice', () => {
  const other = randomBytes(32).toString('base64');
  for (const [env, named] of [
    [{ SESSION_SECRET: `${SECRET},${SECRET}` }, /SESSION_SECRET.*once/],
    [{ SEAL_KEY: `${KEY},${KEY}` }, /SEAL_KEY.*once/],
    [{ SESSION_SECRET: KEY }, /SEAL_KEY.*of its own/],
    [{ PSEUDONYM_KEY: KEY }, /PSEUDONYM_KEY.*of its own/],
    [{ SESSION_SECRET: other, PSEUDONYM_KEY: other }, /PSEUDONYM_KEY.*of its own/],
  ] as const) {
    const told = refusal(env);
    assert.match(told ?? 'taken', named);
    for (const secret of [SECRET, KEY, other]) assert.ok(!told!.includes(secret), 'a secret is printed');
  }
  assert.equal(
    refusal({ SESSION_SECRET: `${SECRET},${other}`, PSEUDONYM_KEY: randomBytes(32).toString('base64') }),
    undefined,
  );
});

test('state in memory is for trying things out: refused in production, said aloud elsewhere', () => {
  assert.match(refusal({ REDIS_URL: undefined }) ?? 'taken', /redisUrl.*REDIS_URL/);
  assert.match(refusal({ REDIS_URL: '' }) ?? 'taken', /redisUrl.*REDIS_URL/);
  assert.match(refusal({ REDIS_URL: undefined, NODE_ENV: ' production ' }) ?? 'taken', /redisUrl/);
  const { warnings } = loadConfig({ argv: [], env: { ...GOOD, NODE_ENV: 'development', REDIS_URL: '' } });
  assert.ok(warnings.some((warning) => warning.includes('memory')));
});

/** The real process, which has to end by itself. */
async function start(t: TestContext, env: Record<string, string>, args: string[]) {
  const child = spawn(process.execPath, [...programOf('src/server.ts'), ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, printed };
}

test('npm start names every problem of a bad file at once, prints nothing of it, and does not care who may read the file', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'scg-g11-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'gateway.json');
  const canary = (name: string) => `canary-${name}`;
  const customer = {
    customerKey: '1',
    returnOrigins: [`https://user:${canary('origin')}@bank.example`],
    connections: [
      {
        authConnectionName: 'Signicat',
        authClientId: 'portal',
        authClientSecret: { value: canary('client-secret') },
        authEndpoint: `https://user:${canary('endpoint')}@signicat.example/oidc`,
        authDecryptionKeys: [{ kty: 'RSA', d: canary('jwk') }],
        authRequestSigningKey: { kty: 'EC', d: canary('signing') },
        authMapping: { AuthUserId: { MapType: canary('map') } },
      },
    ],
    queues: [{ queueKey: 'q', authConnectionName: 'Nobody' }],
  };
  const bad = {
    publicUrl: `https://user:${canary('public')}@chat.example`,
    upstream: `http://user:${canary('upstream')}@10.0.0.1`,
    redisUrl: `http://:${canary('redis')}@10.0.0.1`,
    sessionSecret: [canary('short'), `changeme${'-changeme'.repeat(4)}`],
    sealKey: canary('seal'),
    pseudonymKey: canary('pseudonym'),
    trustProxy: canary('trust'),
    logLevel: canary('level'),
    customers: [customer],
  };
  await writeFile(file, JSON.stringify(bad));
  await chmod(file, 0o666);
  const { code, printed } = await start(t, { NODE_ENV: 'production', METRICS_PORT: canary('port') }, [
    '--config',
    file,
  ]);
  assert.equal(code, 1);
  for (const place of [
    'publicUrl',
    'upstream',
    'redisUrl',
    'sessionSecret[0]',
    'sealKey',
    'pseudonymKey',
    'trustProxy',
    'logLevel',
    'METRICS_PORT',
    'returnOrigins',
    'authClientSecret',
    'authEndpoint',
    'authMapping',
  ])
    assert.ok(printed.includes(place), `${place} is not named`);
  assert.ok(!/canary|changeme/.test(printed), 'a value is printed');
  assert.doesNotMatch(printed, /\n\s+at |node:internal/);

  // a file that is no JSON5 at all: the place, not the text
  await writeFile(file, `{ "sessionSecret": "${canary('broken')}", "sealKey": "${canary('seal')} }`);
  const broken = await start(t, {}, ['--config', file]);
  assert.equal(broken.code, 1);
  assert.ok(broken.printed.includes('gateway.json') && !broken.printed.includes('canary'));
});

test(
  'no example of this repository falls back to a secret that the gateway would take, nor does its sample environment set one',
  { skip: examplesMissing },
  async () => {
    const read = (file: string) => readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
    const examples = await Promise.all(
      (await readdir(new URL('../../examples/', import.meta.url)))
        .filter((file) => file.endsWith('.ts'))
        .map((file) => read(`examples/${file}`)),
    );
    const shipped = [...examples.join('\n').matchAll(/SECRET'\]\s*\?\?\s*'([^']+)'/g)].map(
      ([, text]) => text!,
    );
    assert.ok(shipped.length > 0, 'the test finds what it looks for');
    for (const text of shipped) assert.match(refusal({ SESSION_SECRET: text }) ?? 'taken', /SESSION_SECRET/);
    assert.doesNotMatch(
      await read('.env.example'),
      /^\s*(?:SESSION_SECRET|SEAL_KEY|PSEUDONYM_KEY|AUTH_CLIENT_SECRET)=\S/m,
    );
  },
);
