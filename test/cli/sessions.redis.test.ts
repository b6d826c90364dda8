import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import { redisMissing, startRedis } from '../support/redis.ts';
import { reachInto } from '../support/redis-dump.ts';
import { startProvider } from '../support/provider.ts';
import { kari, ola, startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';
import { assertDone, configArgs, documentOf, optionsBeside, run, SECRET } from './rig.ts';

const redis = await startRedis();
after(() => redis?.stop());
const skip = redisMissing;

/** Kari with two browsers and Ola with one, all verified. */
async function three(t: TestContext) {
  await reachInto(t, redis!.url).client.flushall();
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const system = await startSystem(t, {
    provider,
    options: { redisUrl: redis!.url, sessionSecret: SECRET },
  });
  const config = await configArgs(t, optionsBeside(system, redis!.url));
  const queue = `${system.url}/queues/q_bank`;
  const [laptop, phone, other] = [system.browser(), system.browser(), system.browser()];
  await laptop.open(queue);
  await phone.open(queue);
  provider.setPerson(ola);
  await other.open(queue);
  const statuses = async () =>
    Promise.all([laptop, phone, other].map(async (browser) => (await browser.fetch(queue)).status));
  assert.deepEqual(await statuses(), [200, 200, 200]);
  return { system, config, statuses, laptop };
}

test('a person is erased by "sub" from stdin, everywhere, and nobody else', { skip }, async (t) => {
  const { config, statuses } = await three(t);
  const said = await run(['sessions', 'revoke', '--person', '--json', ...config], { stdin: `${kari.sub}\n` });
  assert.equal(documentOf<{ sessions: number }>(assertDone(said)).sessions, 2);
  assert.ok(!said.stdout.includes(kari.sub));
  assert.deepEqual(await statuses(), [401, 401, 200]);
});

test('a person is erased by the pseudonym that the audit record shows', { skip }, async (t) => {
  const { config, statuses } = await three(t);
  let ofOla = '';
  await until('the entries of three logins', async () => {
    const list = await run(['audit', 'list', '--kind', 'code_redeemed', '--json', ...config]);
    const { entries } = documentOf<{ entries: { subject: string }[] }>(list);
    ofOla = entries[0]!.subject;
    return entries.length === 3;
  });
  const said = await run(['sessions', 'revoke', '--subject', ofOla, '--actor', 'anna', ...config]);
  assert.match(assertDone(said).stdout, /1 sessions ended/);
  assert.deepEqual(await statuses(), [200, 200, 401]);
  const revoked = await run(['audit', 'list', '--kind', 'session_revoked', '--json', ...config]);
  const [entry] = documentOf<{ entries: { subject: string; actor: string; count: number }[] }>(
    revoked,
  ).entries;
  assert.deepEqual([entry!.subject, entry!.actor, entry!.count], [ofOla, 'anna', 1]);
});

test('what is no pseudonym is refused and gets into no record', { skip }, async (t) => {
  const { config, statuses } = await three(t);
  const id = kari['signicat.national_id'];
  const said = await run(['sessions', 'revoke', '--subject', id, ...config]);
  assert.equal(said.code, 2);
  assert.ok(!said.stderr.includes(id));
  const list = await run(['audit', 'list', '--json', ...config]);
  assert.doesNotMatch(list.stdout, new RegExp(`session_revoked|${id}`));
  assert.deepEqual(await statuses(), [200, 200, 200]);
});

test(
  'one session is ended by its cookie from stdin, and the same person goes on elsewhere',
  { skip },
  async (t) => {
    const { config, statuses, laptop } = await three(t);
    const pair = laptop
      .cookies('127.0.0.1')
      .split('; ')
      .find((one) => one.includes('=s%3A'))!;
    const said = await run(['sessions', 'revoke', '--session', '--json', ...config], {
      stdin: pair.slice(pair.indexOf('=') + 1),
    });
    assert.equal(documentOf<{ identities: number }>(assertDone(said)).identities, 1);
    assert.deepEqual(await statuses(), [401, 200, 200]);
    assert.ok(!JSON.stringify(said).includes(pair.slice(-20)));
    const again = await run(['sessions', 'revoke', '--session', '--json', ...config], { stdin: pair });
    assert.equal(documentOf<{ identities: number }>(assertDone(again)).identities, 0);
    const forged = await run(['sessions', 'revoke', '--session', ...config], {
      stdin: `${pair.slice(0, -3)}AAA`,
    });
    assert.equal(forged.code, 1);
    assert.match(forged.stderr, /no session cookie/);
    const list = await run(['audit', 'list', '--kind', 'session_revoked', '--json', ...config]);
    const { entries } = documentOf<{ entries: { count: number; subject?: string }[] }>(list);
    assert.deepEqual(
      entries.map(({ count, subject }) => [count, typeof subject]),
      [
        [0, 'undefined'],
        [1, 'string'],
      ],
    );
  },
);
