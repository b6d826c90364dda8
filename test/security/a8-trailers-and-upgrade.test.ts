/** Identity headers in chunked trailers, announced or not, and on upgrades: no reader behind the gateway finds one. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { aliasNames } from '../support/header-generators.ts';
import {
  assertNoEcho,
  assertOursOnly,
  beforeEveryUpstream,
  behindEveryWall,
  HANDSHAKE,
  PLACES,
  spoofs,
} from '../support/header-rig.ts';
import { runs } from '../support/runs.ts';
import { headerValues } from '../support/upstream.ts';

const chunked = (trailers: readonly string[], chunks = ['{"queueKey":"q_bank"}']): string => {
  const lines = trailers.flatMap((text, i) => (i % 2 === 0 ? [`${text}: ${trailers[i + 1]!}\r\n`] : []));
  const body = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
  return `${body}0\r\n${lines.join('')}\r\n`;
};
const FRAMING = ['Transfer-Encoding', 'chunked', 'Content-Type', 'application/json'];

behindEveryWall('trailers of any spelling, with and without a Trailer header', async (_t, rig) => {
  const names = fc.array(aliasNames(), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(
      names,
      fc.constantFrom(...PLACES),
      fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE'),
      fc.boolean(),
      async (spelt, { path, secure }, method, announced) => {
        const headers = [
          ...FRAMING,
          ...(announced ? ['Trailer', spelt.join(', ')] : []),
          'Cookie',
          rig.cookie,
        ];
        const body = chunked([...spoofs(spelt), 'X-Sum', '1']);
        const { seen } = await rig.send({ method, path, headers, body });
        assert.equal(seen.length, 1);
        assertOursOnly(seen[0]!, secure ? 'identity' : 'nobody');
        if (!rig.hosted) assert.equal(seen[0]!.body, '{"queueKey":"q_bank"}');
      },
    ),
    { numRuns: runs(30) },
  );
});

behindEveryWall(
  'trailers behind a body that a rule has read',
  async (_t, rig) => {
    for (const cookie of [undefined, rig.cookie])
      for (const queueKey of ['q_bank', 'q_open']) {
        const headers = [...FRAMING, 'Trailer', 'X-Secure-Chat-Id', ...(cookie ? ['Cookie', cookie] : [])];
        const body = chunked(spoofs(['X-Secure-Chat-Id', 'x_secure_chat_nickname']), [
          `{"queue`,
          `Key":"${queueKey}"}`,
        ]);
        const { seen, status } = await rig.send({ method: 'POST', path: '/sessions', headers, body });
        const secure = queueKey === 'q_bank';
        assert.deepEqual([status, seen.length], secure && cookie === undefined ? [401, 0] : [200, 1]);
        for (const one of seen) assertOursOnly(one, secure ? 'identity' : 'nobody');
      }
  },
  {
    options: {
      queueRules: [
        { path: '/queues/:queueKey{/*rest}' },
        { method: 'POST', path: '/sessions', body: 'queueKey' },
      ],
    },
  },
);

behindEveryWall('an upgrade has the wall of a request', async (_t, rig) => {
  const names = fc.array(aliasNames(), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(names, fc.constantFrom(...PLACES), fc.boolean(), async (spelt, place, verified) => {
      const cookie = verified ? ['Cookie', rig.cookie] : [];
      const headers = ['Connection', 'Upgrade', ...HANDSHAKE, ...spoofs(spelt), ...cookie];
      const outcome = await rig.send({ path: place.path, headers });
      assertNoEcho(outcome);
      const passes = !rig.hosted && (verified || !place.secure);
      assert.deepEqual([outcome.status === 101, outcome.seen.length], [passes, passes ? 1 : 0]);
      for (const seen of outcome.seen) assertOursOnly(seen, place.secure ? 'identity' : 'nobody');
    }),
    { numRuns: runs(20) },
  );
});

behindEveryWall(
  'an upgrade that brings a body, where a second request could hide, is refused',
  async (_t, rig) => {
    for (const framing of [
      ['Content-Length', '5'],
      ['Transfer-Encoding', 'chunked'],
    ]) {
      const headers = ['Connection', 'Upgrade', ...HANDSHAKE, ...framing, 'Cookie', rig.cookie];
      const outcome = await rig.send({ path: '/queues/q_bank', headers, body: '5\r\nhello\r\n0\r\n\r\n' });
      assert.deepEqual([outcome.status, outcome.seen], [rig.hosted ? 404 : 400, []]);
    }
  },
);

beforeEveryUpstream('an honest chunked body and an honest subprotocol arrive whole', async (_t, rig) => {
  const headers = [...FRAMING, 'Trailer', 'X-Sum', 'Cookie', rig.cookie];
  const body = chunked(['X-Sum', '1'], ['a'.repeat(1000), 'b']);
  const { seen } = await rig.send({ method: 'POST', path: '/queues/q_bank', headers, body });
  assert.equal(seen[0]!.body, `${'a'.repeat(1000)}b`);
  const upgrade = ['Connection', 'Upgrade', ...HANDSHAKE, 'Sec-WebSocket-Protocol', 'chat.v1, chat.v2'];
  const socket = await rig.send({ path: '/queues/q_bank/ws', headers: [...upgrade, 'Cookie', rig.cookie] });
  assert.deepEqual(headerValues(socket.seen[0]!.rawHeaders, 'Sec-WebSocket-Protocol'), ['chat.v1, chat.v2']);
  assertOursOnly(socket.seen[0]!, 'identity');
});
