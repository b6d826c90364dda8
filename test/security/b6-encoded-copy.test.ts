/** The id percent-encoded, in base64 or hex, in the assertion, in `Variables`, in Redis: no encoding of it is anywhere. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { createMask } from '../../src/claims/mask.ts';
import { findCanary } from '../support/canary.ts';
import { NATIONAL_IDS, nationalIds } from '../support/national-ids.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { runs } from '../support/runs.ts';
import { startValueRig } from '../support/value-rig.ts';

/** Encodings of a text that holds the id, as a provider's evidence may embed it. */
const ENCODINGS: readonly ((text: string) => string)[] = [
  (text) => encodeURIComponent(text),
  (text) => Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(text).toString('base64url'),
  (text) => Buffer.from(text).toString('hex'),
  (text) => Buffer.from(text).toString('hex').toUpperCase(),
  (text) =>
    `eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify({ sub: text, x: 'y' })).toString('base64url')}.`,
  (text) => `data:text/plain;base64,${Buffer.from(`<xml>${text}</xml>`).toString('base64')}`,
];
const MAPPED = ['nin', 'note', 'name', 'token', 'signature', 'email'];

const encoded = (id: fc.Arbitrary<string>) =>
  fc.tuple(id, fc.stringMatching(/^[a-z<>={}": ]{0,4}$/), fc.constantFrom(...ENCODINGS));

test('the canary is found in every encoding, and masked values are none', () => {
  for (const id of NATIONAL_IDS) {
    for (const encode of ENCODINGS) assert.notEqual(findCanary(`a ${encode(`b${id}c`)} d`, id), undefined);
    assert.equal(findCanary(`${id.slice(0, -5)}*****`, id), undefined);
  }
});

test('the mask finds encoded copies, wherever their groups begin', () => {
  const around = fc.stringMatching(/^[a-zA-Z ]{0,5}$/);
  fc.assert(
    fc.property(encoded(nationalIds), around, around, ([id, lead, encode], before, after) => {
      const mask = createMask([id]);
      const text = before + encode(`${lead}${id}${lead}`) + after;
      for (const masked of [mask.byValue(text), mask.byClaim(text)]) {
        assert.equal(findCanary(masked, id), undefined);
        assert.equal(mask.byValue(masked), masked);
      }
    }),
    { numRuns: runs(600) },
  );
});

test(
  'headers, assertion, Variables, session, log and Redis hold no copy in any encoding',
  { skip: redisMissing },
  async (t) => {
    const redis = await startRedis();
    assert.ok(redis);
    t.after(() => redis.stop());
    const client = new Redis(redis.url);
    t.after(() => client.quit());
    const sealKey = Buffer.alloc(32, 7).toString('base64');
    const rig = await startValueRig(t, MAPPED, { options: { redisUrl: redis.url, sealKey } });
    await fc.assert(
      fc.asyncProperty(
        encoded(nationalIds),
        fc.constantFrom(...MAPPED.slice(1), 'nick', 'sub'),
        async (one, claim) => {
          const [id, lead, encode] = one;
          const told = await rig.tell({
            sub: 'kari',
            nin: id,
            name: 'Kari',
            [claim]: encode(lead + id + lead),
          });
          const session = await rig.send({ path: '/secure-chat/session', headers: ['Cookie', told.cookie] });
          const outputs: Record<string, string | Buffer> = {
            headers: told.seen.rawHeaders.join('\n'),
            decoded: [...told.raw.keys()].map((suffix) => told.value(suffix)).join('\n'),
            session: session.body,
            log: JSON.stringify(rig.system.log.splice(0)),
          };
          const keys = await client.keys('*');
          for (const key of keys)
            outputs[`Redis ${key}`] =
              (await client.type(key)) === 'stream'
                ? JSON.stringify(await client.xrange(key, '-', '+'))
                : ((await client.getBuffer(key)) ?? '');
          assert.ok(keys.length > 0);
          await client.flushall();
          for (const [name, text] of Object.entries(outputs))
            assert.equal(findCanary(text, id), undefined, name);
        },
      ),
      { numRuns: runs(12) },
    );
  },
);

test('honest encoded text passes as it is', async (t) => {
  const rig = await startValueRig(t, MAPPED);
  const honest = {
    note: Buffer.from('no number in here, 17029012346').toString('base64'),
    name: '100%25 Kari %41',
    token: 'a'.repeat(200),
    signature: '0123456789abcdef0123456789abcdef',
    email: 'kari+tag@bank.example',
  };
  const told = await rig.tell({ sub: 'kari', nin: '17029012345', ...honest });
  assert.deepEqual(told.variables, { nin: '170290*****', ...honest });
});
