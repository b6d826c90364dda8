import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALONE, commands, configArgs, documentOf, run, started } from './rig.ts';

const CANARY = 'hunter2-planted';

test('without a command the help is on stderr, and the exit code is 2; who asks gets it on stdout, and 0', async () => {
  const none = await run([]);
  assert.deepEqual([none.code, none.stdout], [2, '']);
  for (const args of [['--help'], ['-h'], ['help']]) {
    const asked = await run(args);
    assert.deepEqual([asked.code, asked.stderr], [0, '']);
    assert.equal(asked.stdout, none.stderr);
    for (const { name } of commands) assert.ok(asked.stdout.includes(`  ${name} `), name);
  }
});

test('a group lists its commands, and each command has a help of its own', async () => {
  const group = await run(['queue', '--help']);
  assert.match(group.stdout, /queue secure/);
  assert.doesNotMatch(group.stdout, /audit/);
  assert.equal((await run(['queue'])).code, 2);
  for (const { name } of commands) {
    const words = name.split(' ');
    const help = await run([...words, '-h']);
    assert.equal(help.code, 0);
    assert.ok(help.stdout.startsWith(`Usage: secure-chat-gateway ${name}`), name);
    for (const args of [
      ['help', ...words],
      ['--help', ...words],
      [...words, 'x', '--bogus', '--help'],
    ])
      assert.equal((await run(args)).stdout, help.stdout);
  }
});

test('the version is that of the package', async () => {
  assert.equal((await run(['--version'])).stdout, '1.2.3\n');
  assert.deepEqual(documentOf(await run(['--version', '--json'])), { ok: true, version: '1.2.3' });
});

for (const [args, cure] of [
  [['queu'], /did you mean "queue"/],
  [['queue', 'lsit'], /did you mean "queue list"/],
  [['secret'], /secret set/],
  [['nothing-like-it'], /--help/],
  [['queue', 'list', '--custmer', 'x'], /--custmer: did you mean "--customer"/],
  [['queue', 'list', '--customer'], /--customer needs a value/],
  [['queue', 'list', '--customer', '--json'], /--customer needs a value/],
  [['queue', 'list', '--customer='], /--customer needs a value/],
  [['queue', 'list', '--json=yes'], /--json takes no value/],
  [['queue', 'list', '--customer', 'a', '--customer', 'b'], /twice/],
  [['queue', 'list', 'q_bank'], /nothing behind it/],
  [['queue', 'open'], /needs QUEUE/],
  [['queue', 'open', 'a', 'b'], /one QUEUE only/],
  [['queue', 'secure', 'q_bank'], /needs --connection NAME/],
  [['explain', '--queue', 'q'], /needs --claims FILE/],
  [['check', '--__proto__'], /no such option/],
  [['audit', 'list', '--limit', '501'], /1 to 500/],
  [['audit', 'list', '--after', 'x'], /the list before/],
  [['audit', 'list', '--kind', 'secret_sett'], /did you mean "secret_set"/],
  [['sessions', 'revoke'], /exactly one/],
  [['sessions', 'revoke', '--session', '--person'], /exactly one/],
  [['sessions', 'revoke', '--session', '--customer', 'x'], /--person only/],
  [['secret', 'set', '--setting', 'authScope'], /authClientSecret/],
  [['admin', 'hash-token', '--role', 'root'], /viewer/],
] as const)
  test(`called wrongly, it names the cure: ${args.join(' ')}`, async () => {
    const said = await run(args);
    assert.equal(said.code, 2);
    assert.equal(said.stdout.startsWith('{') ? '' : said.stdout, '');
    assert.match(said.stderr, cure);
    assert.doesNotMatch(said.stderr, /^\s+at /m);
  });

for (const args of [
  ['secret', 'set', CANARY],
  ['secret', 'set', '--secret', CANARY],
  ['secret', 'set', `--secret=${CANARY}`],
  ['secret', 'set', '--client-secret', CANARY],
  ['secret', 'set', `--${CANARY}`],
  ['secret', 'set', `-p${CANARY}`],
  ['secret', 'set', '--setting', CANARY],
  ['admin', 'hash-token', CANARY],
  ['admin', 'hash-token', '--token', CANARY],
  ['sessions', 'revoke', '--sub', CANARY],
  ['sessions', 'revoke', '--cookie', CANARY],
  [CANARY],
  [`--${CANARY}`],
])
  test(`a secret in an argument is refused and not repeated: ${args.join(' ')}`, async () => {
    for (const json of [[], ['--json']]) {
      const said = await run([...args, ...json]);
      assert.equal(said.code, 2);
      assert.doesNotMatch(said.stdout + said.stderr, /hunter2|planted/);
    }
  });

test('a secret as an argument is refused with the way that there is', async () => {
  for (const args of [
    ['secret', 'set', 'x'],
    ['secret', 'set', '--secret', 'x'],
    ['admin', 'hash-token', 'x'],
  ])
    assert.match((await run(args)).stderr, /asked for, or read from stdin/);
});

test('with --json an error is a document on stdout and a sentence on stderr', async (t) => {
  const wrong = await run(['queue', 'list', '--bogus', '--json']);
  const { ok, error } = documentOf<{ ok: boolean; error: { code: string; message: string } }>(wrong);
  assert.deepEqual([wrong.code, ok, error.code], [2, false, 'usage']);
  assert.match(wrong.stderr, /^error: .*no such option/);
  const failed = await run(['queue', 'list', '--json', ...(await configArgs(t, ALONE))]);
  assert.equal(failed.code, 1);
  const { code, cure } = documentOf<{ error: { code: string; cure: string } }>(failed).error;
  assert.equal(code, 'no_redis');
  assert.match(cure, /REDIS_URL/);
  const broken = await run(['queue', 'list', '--json'], { env: { PORT: CANARY } });
  const { problems } = documentOf<{ error: { problems: { path: string }[] } }>(broken).error;
  assert.ok(problems.some(({ path }) => path === 'PORT'));
  assert.doesNotMatch(broken.stdout + broken.stderr, /hunter2/);
  assert.deepEqual(documentOf<{ ok: boolean }>(await run(['queue', '--json'])).ok, false);
});

test('options may stand before the command or behind it', async (t) => {
  const config = await configArgs(t, ALONE);
  const before = await run([...config, '--json', 'check', '--offline']);
  const behind = await run(['check', '--offline', '--json', ...config]);
  assert.deepEqual(before, behind);
  assert.equal(before.code, 0);
});

test('colours are for terminals, and not where NO_COLOR or TERM=dumb says no', async () => {
  const coloured = /\u001b\[31m/;
  assert.match((await run(['x-y'], { colours: true })).stderr, coloured);
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }])
    assert.doesNotMatch((await run(['x-y'], { colours: true, env })).stderr, coloured);
  assert.match((await run(['x-y'], { colours: true, env: { NO_COLOR: '' } })).stderr, coloured);
  assert.doesNotMatch((await run(['x-y'])).stderr, coloured);
});

test('start hands the configuration file on and leaves the process to the server', async () => {
  assert.equal((await run(['start', '--config', 'x.json'])).code, undefined);
  assert.equal((await run(['start'])).code, undefined);
  assert.deepEqual(started.splice(0), [['--config', 'x.json'], []]);
  assert.equal((await run(['start', '--port', '3000'])).code, 2);
  assert.deepEqual(started, []);
});
