/** Identity in a body or a query is the client's word: without a preset it passes byte for byte, beside the verified headers. With the preset it is overwritten or dropped. */
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
import { inEveryFace } from '../support/system.ts';
import { headerValues } from '../support/upstream.ts';
import { lastBody, PuzzelPage, startPuzzel } from '../http/puzzel-page.ts';

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

const CLAIMS = [
  'national_id',
  'nin',
  'signicat.national_id',
  'name',
  'birthdate',
  'given_name',
  'AuthUserId',
  'AuthProvider',
];
const SHOWN = ['Personnummer', 'Name', 'Fødselsdato', 'Authentication'];

/** A name that an agent takes for a verified one. */
const alias = fc
  .tuple(
    fc.constantFrom(...CLAIMS, ...SHOWN),
    fc.constantFrom('', ' ', '\u200b', '\u00a0', '_'),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([name, between, upper, wide]) => {
    const spelt = upper ? name.toUpperCase() : name;
    const first = wide ? String.fromCharCode(spelt.charCodeAt(0) + 0xfee0) : spelt.slice(0, 1);
    return `${between}${first}${between}${spelt.slice(1)}`;
  });
const variables = fc.oneof(
  fc.dictionary(alias, fc.string()),
  fc.array(fc.record({ name: alias, value: fc.string(), secret: fc.boolean() }), { maxLength: 4 }),
);

inEveryFace('with the preset nothing that a client says of a person passes for verified', async (t, face) => {
  const { url, provider, upstream, browser } = await startPuzzel(t, { face });
  const page = new PuzzelPage(url, browser());
  const id = await page.chat(provider.issuer);
  const expected = {
    Authentication: 'Signicat',
    Personnummer: '170290*****',
    Name: 'Kari Ødegård',
    Fødselsdato: '1990-02-17',
  };
  await fc.assert(
    fc.asyncProperty(fc.string(), variables, fc.jsonValue(), async (said, own, content) => {
      const started = await page.start(undefined, {
        chatId: said,
        nickName: said,
        auth: { connectionName: 'Signicat' },
        intro: { variables: own, showVariables: content },
      });
      assert.equal(started.status, 200, started.body);
      const { chatId, nickName, auth, intro } = lastBody(upstream) as Record<string, unknown> & {
        intro: { variables: unknown; showVariables: unknown };
      };
      assert.deepEqual([chatId, nickName, auth], ['kari-sub', 'Kari', undefined]);
      assert.deepEqual(intro.showVariables, JSON.parse(JSON.stringify(content)));
      const shown = Array.isArray(own)
        ? Object.fromEntries(
            (intro.variables as { name: string; value: string }[]).map(({ name, value }) => [name, value]),
          )
        : intro.variables;
      assert.deepEqual(shown, expected);
      for (const path of ['messages', 'survey']) {
        const json = { type: 'Message', content, ...(said === '' ? {} : { nickName: said }) };
        assert.equal((await page.ask(`/sessions/${id}/${path}`, { json })).status, 200);
        assert.deepEqual(lastBody(upstream), JSON.parse(JSON.stringify({ ...json, nickName: 'Kari' })));
      }
    }),
    { numRuns: runs(15) },
  );
  assert.equal(
    (await page.start(undefined, { intro: { variables: [{ name: 'nin', value: '1', secret: false }] } }))
      .status,
    200,
  );
  const { intro } = lastBody(upstream) as { intro: { variables: { name: string; secret: boolean }[] } };
  assert.deepEqual(
    intro.variables.filter(({ secret }) => secret).map(({ name }) => name),
    ['Personnummer'],
    'what is secret of ours is not the client’s to say',
  );
});
