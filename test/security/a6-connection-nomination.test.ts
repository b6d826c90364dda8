/** `Connection` nominates identity headers, so that a proxy strips its own: nominations are worked off before ours are written. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { aliasNames, PREFIX } from '../support/header-generators.ts';
import {
  assertOursOnly,
  beforeEveryUpstream,
  behindEveryWall,
  HANDSHAKE,
  PLACES,
  spoofs,
} from '../support/header-rig.ts';
import { runs } from '../support/runs.ts';
import { headerValues } from '../support/upstream.ts';

const OURS = ['Customer', 'Queue', 'Connection', 'Id', 'Nickname', 'Variables', 'Variable-national-id'];
const NAMES = OURS.map((suffix) => PREFIX + suffix);
/** CVE-2026-33805, CVE-2024-45410, CVE-2021-32813, CVE-2026-29054, GHSA-w9mr-28mw-j8hg. */
const NOMINATIONS = [
  'close, X-Secure-Chat-Id',
  'close, x-secure-chat-id',
  'X-Secure-Chat-Id,close',
  'close,\tX-Secure-Chat-Id ,,',
  'close, X_Secure_Chat_Id',
  `close, ${NAMES.join(', ')}`,
  `close, ${NAMES.join(', ').toLowerCase()}, Cookie, Authorization, X-Forwarded-For, Forwarded, Host`,
  'close, X-Secure-Chat-*, *',
];
/** Every header in which names of others have been put. */
const CARRIERS = ['Connection', 'connection', 'Keep-Alive', 'TE', 'Proxy-Connection', 'Trailer', 'Upgrade'];

behindEveryWall('ours arrive, whatever is nominated and in which header', async (_t, rig) => {
  for (const carrier of CARRIERS)
    for (const tokens of NOMINATIONS) {
      const isConnection = carrier.toLowerCase() === 'connection';
      const headers = [
        carrier,
        tokens,
        ...(isConnection ? [] : ['Connection', 'close']),
        'Cookie',
        rig.cookie,
      ];
      const outcome = await rig.send({ path: '/queues/q_bank', headers });
      assert.equal(outcome.seen.length, 1, `${carrier}: ${tokens}`);
      const { rawHeaders } = outcome.seen[0]!;
      assertOursOnly(outcome.seen[0]!, 'identity');
      for (const name of NAMES)
        assert.equal(headerValues(rawHeaders, name).length, 1, `${carrier}: ${tokens}`);
    }
});

behindEveryWall('nobody behind the gateway is told to strip ours either', async (_t, rig) => {
  for (const tokens of NOMINATIONS) {
    const headers = ['Connection', tokens, 'Connection', `close, ${NAMES[0]!}`, 'Cookie', rig.cookie];
    const [seen] = (await rig.send({ path: '/queues/q_bank', headers })).seen;
    const nominated = headerValues(seen!.rawHeaders, 'Connection').join(',').toLowerCase();
    for (const name of NAMES) assert.ok(!nominated.split(/[\s,]+/).includes(name.toLowerCase()), nominated);
  }
});

behindEveryWall('any nomination beside any copy, requests and upgrades', async (_t, rig) => {
  const token = fc.oneof(fc.constantFrom(...NAMES, 'Cookie', 'Authorization', 'Host'), aliasNames());
  await fc.assert(
    fc.asyncProperty(
      fc.array(token, { minLength: 1, maxLength: 12 }),
      fc.constantFrom(', ', ',', ' ,\t', ',,'),
      fc.constantFrom(...PLACES),
      fc.boolean(),
      async (tokens, glue, { path, secure }, upgrade) => {
        const tunnel = upgrade && !rig.hosted;
        const nominations = [tunnel ? 'Upgrade' : 'close', ...tokens].join(glue);
        const headers = ['Connection', nominations, ...spoofs(tokens.filter((name) => name !== 'Host'))];
        const handshake = tunnel ? HANDSHAKE : [];
        const outcome = await rig.send({ path, headers: [...headers, 'Cookie', rig.cookie, ...handshake] });
        assert.equal(outcome.seen.length, 1, outcome.head);
        const [seen] = outcome.seen;
        assertOursOnly(seen!, secure ? 'identity' : 'nobody');
        if (!secure) return;
        for (const name of NAMES) assert.equal(headerValues(seen!.rawHeaders, name).length, 1, name);
      },
    ),
    { numRuns: runs(30) },
  );
});

beforeEveryUpstream("what the gateway writes of the client's own connection stays", async (_t, rig) => {
  for (const name of ['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'Forwarded', 'Host']) {
    const headers = ['Connection', `close, ${name}`, name === 'Host' ? 'X-Nothing' : name, '192.0.2.66'];
    const [seen] = (await rig.send({ path: '/plain', headers })).seen;
    const values = headerValues(seen!.rawHeaders, name);
    assert.equal(values.length, 1, name);
    assert.ok(!values[0]!.includes('192.0.2.66'), name);
  }
});

beforeEveryUpstream('an honest nomination takes out what it names, and nothing else', async (_t, rig) => {
  const headers = ['Connection', 'close, X-Hop', 'X-Hop', 'one', 'X-Hop-2', 'two', 'Content-Language', 'nb'];
  for (const { path } of PLACES) {
    const [seen] = (await rig.send({ path, headers: [...headers, 'Cookie', rig.cookie] })).seen;
    const { rawHeaders } = seen!;
    assert.deepEqual(headerValues(rawHeaders, 'X-Hop'), []);
    assert.deepEqual(
      [...headerValues(rawHeaders, 'X-Hop-2'), ...headerValues(rawHeaders, 'Content-Language')],
      ['two', 'nb'],
    );
  }
});

beforeEveryUpstream('how a body is to be read stays, though it is nominated', async (_t, rig) => {
  const headers = ['Connection', 'close, Content-Type, Content-Length', 'Content-Type', 'text/plain'];
  const outcome = await rig.send({
    method: 'POST',
    path: '/queues/q_bank',
    headers: [...headers, 'Content-Length', '5', 'Cookie', rig.cookie],
    body: 'hello',
  });
  const [seen] = outcome.seen;
  assert.deepEqual(headerValues(seen!.rawHeaders, 'Content-Type'), ['text/plain']);
  assert.deepEqual([seen!.body, headerValues(seen!.rawHeaders, 'Content-Length')], ['hello', ['5']]);
});
