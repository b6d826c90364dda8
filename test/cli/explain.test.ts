import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { createAdministrationFor } from './settings.ts';
import { findCanary } from '../support/canary.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { ALONE, assertDone, configArgs, documentOf, run } from './rig.ts';

const redis = await startRedis();
after(() => redis?.stop());

const ID = '17029012345';
const claims = JSON.stringify({
  sub: 'kari-sub',
  given_name: 'Kåre',
  nin: ID,
  note: `about 170290-12345 and more`,
  street: 'not mapped',
});

interface Explained {
  readonly ok: boolean;
  readonly queue: { readonly state: string };
  readonly rows: { header: string; value?: string; claim?: string; why: string[] }[];
  readonly unmapped?: string[];
}

test('each claim is explained: which header, and why as it is; the national id is nowhere in clear', async (t) => {
  const config = await configArgs(t, ALONE);
  const args = ['explain', '--queue', 'Q_BANK', '--claims', '-', ...config];
  const json = assertDone(await run([...args, '--json'], { stdin: claims }));
  const { rows, unmapped, queue } = documentOf<Explained>(json);
  const why = (header: string) => rows.find((row) => row.header === `X-Secure-Chat-${header}`);
  assert.deepEqual(why('Variable-national-id')?.why, ['masked']);
  assert.equal(why('Variable-national-id')?.value, '170290*****');
  assert.deepEqual(why('Variable-note')?.why, ['holds_masked']);
  assert.deepEqual(why('Nickname')?.why, ['encoded']);
  assert.deepEqual(why('Acr')?.why, ['absent']);
  assert.deepEqual([unmapped, queue.state], [['street'], 'secure']);
  const text = assertDone(await run(args, { stdin: claims })).stdout;
  assert.match(
    text,
    /^X-Secure-Chat-Variable-national-id: 170290\*{5}\n +national_id, Variable "Personnummer"; masked/m,
  );
  for (const said of [json.stdout, text]) assert.equal(findCanary(said, ID), undefined);
});

test('claims may come from a file; what is none is refused without a word of it', async (t) => {
  const config = await configArgs(t, ALONE);
  const file = join(dirname(config[1]), 'claims.json');
  await writeFile(file, claims);
  const args = (name: string) => ['explain', '--queue', 'q_bank', '--claims', name, ...config];
  assertDone(await run(args(file)));
  for (const stdin of [`{"nin": "${ID}"`, `["${ID}"]`, `"${ID}"`, '']) {
    const said = await run(args('-'), { stdin });
    assert.equal(said.code, 1);
    assert.equal(findCanary(said.stderr + said.stdout, ID), undefined);
  }
  assert.match((await run(args(`${file}.none`))).stderr, /ENOENT/);
});

test('claims without a sub make nobody, and the exit code says so', async (t) => {
  const said = await run(['explain', '--queue', 'q_bank', '--claims', '-', ...(await configArgs(t, ALONE))], {
    stdin: '{"name":"x"}',
  });
  assert.equal(said.code, 1);
  assert.match(said.stdout, /"sub"/);
});

test('of an open queue, and of one in no list, it says that nothing is sent', async (t) => {
  const config = await configArgs(t, ALONE);
  const open = await run(['explain', '--queue', 'q_open', '--claims', '-', ...config], { stdin: claims });
  assert.match(assertDone(open).stdout, /open: everybody enters/);
  const unknown = ['explain', '--queue', 'q_none', '--claims', '-'];
  assert.match(assertDone(await run([...unknown, ...config], { stdin: claims })).stdout, /no list/);
  const refusing = await configArgs(t, { ...ALONE, unknownQueues: 'refuse' });
  assert.match(assertDone(await run([...unknown, ...refusing], { stdin: claims })).stdout, /queue_refused/);
});

test('what would be obeyed by a terminal is not printed', async (t) => {
  const config = await configArgs(t, ALONE);
  const odd = JSON.stringify({ sub: 'x\u001b[2J', given_name: 'a', 'b\u009b2J\u202e': 1 });
  for (const json of [[], ['--json']]) {
    const said = await run(['explain', '--queue', 'q_bank', '--claims', '-', ...json, ...config], {
      stdin: odd,
    });
    assert.doesNotMatch(said.stdout, /[\u001b\u009b\u202e]/);
  }
});

test(
  'with Redis it goes by what administrators have set, and with --offline by the file',
  { skip: redisMissing },
  async (t) => {
    const options = { ...ALONE, redisUrl: redis!.url };
    const config = await configArgs(t, options);
    await createAdministrationFor(t, options, {
      kind: 'connection',
      customerKey: '12345',
      authConnectionName: 'Signicat',
      settings: { maskedClaims: 'given_name' },
    });
    const nickname = async (...more: string[]) => {
      const args = ['explain', '--queue', 'q_bank', '--claims', '-', '--json', ...more, ...config];
      const { rows } = documentOf<Explained>(assertDone(await run(args, { stdin: claims })));
      return rows.find(({ header }) => header === 'X-Secure-Chat-Nickname')?.why;
    };
    assert.deepEqual(await nickname(), ['masked']);
    assert.deepEqual(await nickname('--offline'), ['encoded']);
  },
);
