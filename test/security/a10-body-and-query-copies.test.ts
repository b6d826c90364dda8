/** Identity in a body or a query is the client's word: without a preset it passes byte for byte, beside the verified headers. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  assertOursOnly,
  beforeEveryUpstream,
  behindEveryWall,
  type HeaderRig,
  type Seen,
} from '../support/header-rig.ts';
import { runs } from '../support/runs.ts';
import { headerValues } from '../support/upstream.ts';

/** What Chat API v1 takes as plain input. */
const BODY =
  '{ "nickName":"Mallory","chatId" : "17029012345", "intro":{"variables":{"national_id":"1","x":{"secret":true}}},\r\n"auth":{"code":"stolen"} }';
const QUERY = '?ChatId=evil&chatId=evil&nickName=%4Dallory&X-Secure-Chat-Id=evil&auth.code=x&a+b=%20&empty=&';
const CALLS = ['/sessions', '/sessions/1-2/messages', '/sessions/1-2/survey', '/queues/q_bank/messages'];

async function post(rig: HeaderRig, path: string, body: string, type = 'application/json'): Promise<Seen> {
  const { seen } = await rig.send({
    method: 'POST',
    path,
    headers: ['Content-Type', type, 'Content-Length', String(body.length), 'Cookie', rig.cookie],
    body,
  });
  assert.equal(seen.length, 1, path);
  return seen[0]!;
}

behindEveryWall('copies in the body and in the query arrive as they were sent', async (_t, rig) => {
  for (const path of CALLS) {
    const seen = await post(rig, path + QUERY, BODY);
    assert.equal(seen.url, path + QUERY);
    if (!rig.hosted) assert.equal(seen.body, BODY);
    assertOursOnly(seen, path.startsWith('/queues/q_bank') ? 'identity' : 'nobody');
  }
});

behindEveryWall('and change nothing of what the headers say', async (_t, rig) => {
  const { rawHeaders } = await post(rig, `/queues/q_bank/messages${QUERY}`, BODY);
  assert.deepEqual(headerValues(rawHeaders, 'X-Secure-Chat-Id'), ['kari-sub']);
  assert.deepEqual(headerValues(rawHeaders, 'X-Secure-Chat-Nickname'), ['Kari']);
});

behindEveryWall(
  'a body that a rule has read arrives in the same bytes',
  async (_t, rig) => {
    const member = fc.record({ queueKey: fc.constantFrom('q_bank', 'q_open'), nickName: fc.string() });
    await fc.assert(
      fc.asyncProperty(member, fc.jsonValue(), fc.nat(4), async (members, intro, indent) => {
        const json = JSON.stringify({ ...members, intro, chatId: 'evil' }, undefined, indent);
        const seen = await post(rig, '/sessions', Buffer.from(json).toString('latin1'));
        assertOursOnly(seen, members.queueKey === 'q_bank' ? 'identity' : 'nobody');
        if (!rig.hosted) assert.equal(Buffer.from(seen.body, 'latin1').toString(), json);
      }),
      { numRuns: runs(20) },
    );
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

beforeEveryUpstream('any bytes of any type pass, where no rule reads them', async (_t, rig) => {
  const type = fc.constantFrom('text/plain', 'application/octet-stream', 'multipart/form-data; boundary=x');
  const bytes = fc.uint8Array({ maxLength: 3000 });
  await fc.assert(
    fc.asyncProperty(bytes, type, fc.constantFrom(...CALLS), async (content, contentType, path) => {
      const body = Buffer.from(content).toString('latin1');
      assert.equal((await post(rig, path, body, contentType)).body, body);
    }),
    { numRuns: runs(25) },
  );
});
