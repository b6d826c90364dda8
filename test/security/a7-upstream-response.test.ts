/** The upstream answers with identity headers, the gateway's cookies or nominations: the browser gets none of them. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { aliasNames, resemblingNames } from '../support/header-generators.ts';
import {
  assertNoEcho,
  HANDSHAKE,
  PLACES,
  spoofs,
  startHeaderRig,
  type HeaderRig,
} from '../support/header-rig.ts';
import { faces } from '../support/faces.ts';
import { runs } from '../support/runs.ts';
import type { UpstreamHandler } from '../support/upstream.ts';

/** An upstream that answers with the headers it was last told. */
function obedient(): { headers: string[]; status: number; handler: UpstreamHandler } {
  const told = { headers: [] as string[], status: 200 };
  const handler: UpstreamHandler = (req, res) => {
    req.resume().on('end', () => {
      const lines = [...told.headers, 'Content-Length', '2'];
      res.writeHead(told.status, lines).end('ok');
    });
  };
  return Object.assign(told, { handler });
}

function inEveryProxy(
  name: string,
  body: (rig: HeaderRig, upstream: ReturnType<typeof obedient>, t: TestContext) => Promise<void>,
): void {
  for (const face of faces)
    test(`${name} (${face.name})`, async (t) => {
      const upstream = obedient();
      const rig = await startHeaderRig(t, { face, upstream: upstream.handler });
      await body(rig, upstream, t);
    });
}

const lines = (head: string, name: string): string[] =>
  head
    .split('\r\n')
    .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    .map((line) => line.slice(line.indexOf(':') + 1).trim());

/** Names and values of what the browser holds of the gateway, as it sends them. */
const ownCookies = (cookie: string): string[] =>
  cookie.split('; ').map((pair) => pair.slice(0, pair.indexOf('=')));

inEveryProxy('identity headers are not echoed, in no spelling and with no status', async (rig, upstream) => {
  const names = fc.array(aliasNames(), { minLength: 1, maxLength: 12 });
  const status = fc.constantFrom(200, 201, 302, 304, 400, 401, 404, 431, 500, 503);
  await fc.assert(
    fc.asyncProperty(names, status, fc.constantFrom(...PLACES), async (spelt, code, { path }) => {
      Object.assign(upstream, { headers: spoofs(spelt), status: code });
      const outcome = await rig.send({ path, headers: ['Cookie', rig.cookie] });
      assert.equal(outcome.status, code);
      assertNoEcho(outcome);
      assert.ok(!outcome.head.includes('evil'));
    }),
    { numRuns: runs(30) },
  );
});

inEveryProxy('the cookies of the gateway are neither written nor cleared', async (rig, upstream) => {
  const own = [...ownCookies(rig.cookie), 'secure-chat-tx-AAAAAAAAAAAAAAAAAAAAAA'];
  const ways = (name: string): string[] => [
    `${name}=evil; Path=/`,
    `${name}=; Max-Age=0`,
    `${name}=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/`,
    ` ${name} = evil`,
    `\t${name}\t=evil`,
    `=${name}=evil`,
    name,
    `${name}="evil"; Domain=127.0.0.1; Secure`,
  ];
  for (const { path } of PLACES) {
    upstream.headers = [...own.flatMap(ways), 'theirs=1; Path=/; HttpOnly', `${own[0]!}r=2`].flatMap(
      (value) => ['Set-Cookie', value],
    );
    const { head } = await rig.send({ path, headers: ['Cookie', rig.cookie] });
    assert.ok(!head.includes('evil'), head);
    const theirs = lines(head, 'Set-Cookie').filter((line) => !/^(?:host\.sid|secure-chat)=s%3A/.test(line));
    assert.deepEqual(theirs, ['theirs=1; Path=/; HttpOnly', `${own[0]!}r=2`]);
  }
  assert.equal((await rig.send({ path: '/queues/q_bank', headers: ['Cookie', rig.cookie] })).status, 200);
});

inEveryProxy('Clear-Site-Data leaves the cookies of the site alone', async (rig, upstream) => {
  for (const value of ['"cookies"', '"*"', '"cache", "cookies"', '"cookies","storage"', ' "*" ,"x"']) {
    upstream.headers = ['Clear-Site-Data', value];
    const { head } = await rig.send({ path: '/plain' });
    assert.ok(!/"cookies"|"\*"/.test(lines(head, 'Clear-Site-Data').join()), value);
  }
  upstream.headers = ['Clear-Site-Data', '"cache"'];
  assert.deepEqual(lines((await rig.send({ path: '/plain' })).head, 'Clear-Site-Data'), ['"cache"']);
});

inEveryProxy('what the upstream nominates is dropped, and only that', async (rig, upstream) => {
  for (const tokens of ['x-foo', 'X-Foo, close', 'close,x-FOO ,x-secure-chat-id', 'keep-alive, x-foo']) {
    upstream.headers = [
      'Connection',
      tokens,
      'X-Foo',
      'nominated',
      'X-Foo-2',
      'kept',
      'Keep-Alive',
      'timeout=9',
    ];
    const { head } = await rig.send({ path: '/plain' });
    assert.deepEqual(
      [lines(head, 'X-Foo'), lines(head, 'X-Foo-2'), lines(head, 'Keep-Alive')],
      [[], ['kept'], []],
    );
    assert.ok(!lines(head, 'Connection').join().toLowerCase().includes('foo'), head);
  }
});

inEveryProxy(
  'an answer for a person is stored by nobody, whatever the upstream says',
  async (rig, upstream) => {
    for (const headers of [
      [],
      ['Cache-Control', 'public, max-age=600', 'Expires', 'Thu, 01 Jan 2099 00:00:00 GMT'],
      ['CDN-Cache-Control', 'max-age=600', 'Surrogate-Control', 'max-age=600', 'cache-control', 'public'],
      ['Connection', 'Cache-Control', 'Cache-Control', 'public'],
    ]) {
      upstream.headers = headers;
      const { head } = await rig.send({ path: '/queues/q_bank', headers: ['Cookie', rig.cookie] });
      assert.deepEqual(lines(head, 'Cache-Control'), ['no-store']);
      assert.ok(!/max-age|2099/.test(head), head);
    }
    upstream.headers = ['Cache-Control', 'public, max-age=600'];
    const open = await rig.send({ path: '/queues/q_open', headers: ['Cookie', rig.cookie] });
    assert.deepEqual(lines(open.head, 'Cache-Control'), ['public, max-age=600']);
  },
);

inEveryProxy('headers of the upstream that only resemble ours reach the browser', async (rig, upstream) => {
  await fc.assert(
    fc.asyncProperty(resemblingNames(), async (name) => {
      upstream.headers = [name, 'honest'];
      const { head } = await rig.send({ path: '/plain' });
      assert.ok(head.includes(`\r\n${name}: honest`), name);
    }),
    { numRuns: runs(15) },
  );
});

test('early hints and the answer to an upgrade are behind the same wall', async (t) => {
  const early: UpstreamHandler = (_req, res) => {
    res.writeEarlyHints({
      link: '</a.css>; rel=preload',
      'x-secure-chat-id': 'evil',
      'set-cookie': 'secure-chat=evil',
    });
    res.writeHead(403, ['X_Secure_Chat_Id', 'evil', 'Set-Cookie', 'secure-chat=evil', 'X-Kept', 'yes']).end();
  };
  const rig = await startHeaderRig(t, {
    upstream: (req, res, recorded) => {
      if (req.url === '/hints') void early(req, res, recorded);
      else res.end('ok');
    },
  });
  const plain = await rig.send({ path: '/hints' });
  assert.ok(!`${plain.head}${plain.body}`.includes('evil') && plain.head.includes('X-Kept'), plain.head);
  const upgrade = await rig.send({
    path: '/queues/q_open',
    headers: ['Connection', 'Upgrade', ...HANDSHAKE],
  });
  assert.equal(upgrade.status, 101);
  assertNoEcho(upgrade);
});
