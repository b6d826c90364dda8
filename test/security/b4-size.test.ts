/** Names of 10 kB and hundreds of variables: within the limit, cut alike everywhere and flagged, never half an identity. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfigError } from '../../src/config/problems.ts';
import { createGateway } from '../../src/gateway.ts';
import { silent } from '../support/faces.ts';
import { cgiName, PREFIX, readsAsOurs } from '../support/header-generators.ts';
import { runs } from '../support/runs.ts';
import { startValueRig, type Told } from '../support/value-rig.ts';

const LIMIT = 8192;

/** Bytes of the identity headers on the wire, line ends included. */
function bytesOf({ seen }: Told): number {
  return seen.rawHeaders.reduce(
    (sum, text, i, all) =>
      i % 2 === 0 && readsAsOurs(text) ? sum + Buffer.byteLength(`${text}: ${all[i + 1]!}\r\n`) : sum,
    0,
  );
}

/** The true text, or a beginning of it that ends with a whole character; the same in its header and in `Variables`. */
function assertCut(told: Told, person: Readonly<Record<string, string>>): void {
  const flagged = (told.value('Truncated') ?? '').split(',').filter((name) => name !== '');
  for (const [claim, text] of Object.entries(person)) {
    const shown = told.value(`Variable-${claim}`) ?? '';
    assert.equal(told.variables[claim] ?? '', shown, claim);
    assert.ok(text.startsWith(shown), claim);
    assert.ok(shown.isWellFormed() && !shown.endsWith('\u200d'), claim);
    assert.equal(flagged.includes(claim) || flagged.includes('*'), shown !== text, `${claim} flagged`);
  }
}

const variables = (count: number): string[] => Array.from({ length: count }, (_, i) => `v${i}`);

test('a name of 10 kB, and beside it short values: cut alike, flagged, the short ones whole', async (t) => {
  const rig = await startValueRig(t, ['name', 'short']);
  for (const unit of [
    'a',
    '\u00e5',
    '\u{1f600}',
    'e\u0301',
    '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
    '%',
    '"',
  ]) {
    const name = unit.repeat(Math.ceil(10_000 / unit.length));
    const told = await rig.tell({ sub: 'kari', nick: name, name, short: 'whole' });
    assert.ok(bytesOf(told) <= LIMIT, String(bytesOf(told)));
    assertCut(told, { name, short: 'whole' });
    assert.equal(told.value('Truncated'), 'nick,name');
    assert.equal(told.value('Nickname'), told.value('Variable-name'));
    assert.equal(told.value('Nickname')!.length % unit.length, 0, 'whole characters');
    assert.deepEqual([told.value('Id'), told.variables['short']], ['kari', 'whole']);
    assert.ok(bytesOf(told) > LIMIT / 2, 'no more is cut than has to be');
  }
});

test('200 variables: what does not fit is left out by name, and who it is and where stays', async (t) => {
  const rig = await startValueRig(t, variables(200), { options: { headerLimitBytes: 14_000 } });
  for (const length of [1, 10, 100]) {
    const person = Object.fromEntries(variables(200).map((name) => [name, 'x'.repeat(length)]));
    const told = await rig.tell({ ...person, sub: 'kari', nick: 'Kari' });
    assert.ok(bytesOf(told) <= 14_000);
    assertCut(told, person);
    assert.ok(told.value('Truncated') !== undefined);
    for (const suffix of ['Customer', 'Queue', 'Connection', 'Id']) assert.ok(told.value(suffix), suffix);
  }
});

test('values of any size up to 100 kB: the same text in every header, all within the limit', async (t) => {
  const rig = await startValueRig(t, variables(6));
  const piece = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
  const plain = piece.map((text) => text.replaceAll(/[\p{Cc}\p{Z}\u202a-\u202e\u2066-\u2069]/gu, 'x') || 'x');
  const value = fc
    .tuple(plain, fc.oneof(fc.nat(30), fc.nat(2000), fc.nat(100_000)))
    .map(([text, size]) => text.repeat(Math.max(1, Math.floor(size / text.length))));
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 6, maxLength: 6 }), async (values) => {
      const person = Object.fromEntries(values.map((text, i) => [`v${i}`, text]));
      const told = await rig.tell({ ...person, sub: 'kari', nick: values[0] });
      assert.ok(bytesOf(told) <= LIMIT, String(bytesOf(told)));
      assertCut(told, person);
      assert.equal(told.value('Id'), 'kari');
    }),
    { numRuns: runs(12) },
  );
});

test('a limit that holds no identity at all is refused at the start', () => {
  const start = (headerLimitBytes: number) =>
    createGateway(
      {
        authConnectionName: 'Signicat',
        authClientId: 'portal',
        authEndpoint: 'https://preprod.signicat.com/oidc',
        authMapping: { sub: { MapType: 'ChatId' } },
        upstream: 'http://127.0.0.1:9',
        publicUrl: 'https://chat.example',
        sessionSecret: 'a secret for tests that is long enough',
        secureQueues: ['q_bank'],
        headerLimitBytes,
      } as never,
      { logger: silent },
    );
  assert.throws(() => start(64), ConfigError);
});

test('a client with more headers than fit is answered before the upstream is called', async (t) => {
  const rig = await startValueRig(t, ['name']);
  const { cookie } = await rig.tell({ sub: 'kari', name: 'Kari' });
  const outcome = await rig.send({
    path: '/queues/q_bank',
    headers: ['X-Large', 'x'.repeat(17_000), 'Cookie', cookie],
  });
  assert.deepEqual([outcome.status, outcome.seen], [431, []]);
  assert.equal((JSON.parse(outcome.body) as { code: string }).code, 'request_malformed');
});

test('an upstream that finds the whole too large says so; it is not asked again without the identity', async (t) => {
  const rig = await startValueRig(t, ['name']);
  const { cookie } = await rig.tell({ sub: 'kari', name: '\u00e5'.repeat(5000) });
  const outcome = await rig.send({
    path: '/queues/q_bank',
    headers: ['X-Large', 'x'.repeat(13_000), 'Cookie', cookie],
  });
  assert.deepEqual([outcome.status, outcome.seen], [431, []]);
  const honest = await rig.send({
    path: '/queues/q_bank',
    headers: ['X-Large', 'x'.repeat(6000), 'Cookie', cookie],
  });
  assert.equal(honest.status, 200);
  assert.ok(honest.seen[0]!.rawHeaders.some((name) => cgiName(name) === cgiName(`${PREFIX}Truncated`)));
});
