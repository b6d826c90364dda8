/** A chat id that the client chooses opens another's chat (Rocket.Chat before 3.11, GHSA-rfh4-6ghv-m2rr): without a preset `X-Secure-Chat-Id` comes from the claim alone, whatever is sent and wherever it stands, and with chat rules a chat is open to nobody but who started it. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { startChats } from '../http/chat-server.ts';
import { CookielessPage } from '../support/cookieless-page.ts';
import { shakeHands } from '../support/handshake.ts';
import { BASE, NO_COOKIES, PuzzelPage, startPuzzel } from '../http/puzzel-page.ts';
import { IDS, respell, where } from '../support/chat-id-spellings.ts';
import { codeOf } from '../support/problem-code.ts';
import { runs } from '../support/runs.ts';
import { inEveryFace, ola, startSystem } from '../support/system.ts';

const NAMES = [
  'chatId',
  'ChatId',
  'chat_id',
  'CHATID',
  'chatid[]',
  'X-Secure-Chat-Id',
  'x_secure_chat_id',
  'X-Chat-Id',
  'id',
  'sub',
  'AuthUserId',
  'variables[AuthUserId]',
  'conversationId',
  'authCode',
];
const VALUES = [
  'ola-sub',
  'kari-sub2',
  'KARI-SUB',
  '1',
  '',
  'ola-sub, kari-sub',
  '%00',
  '../ola-sub',
  '{"$ne":1}',
];

/** One thing that the client chooses, and where it puts it. */
const choice = fc.record({
  place: fc.constantFrom('query', 'json', 'form', 'cookie', 'header', 'path', 'fragment of a header list'),
  name: fc.constantFrom(...NAMES),
  value: fc.oneof(fc.constantFrom(...VALUES), fc.stringMatching(/^[\w ]{1,20}$/)),
});
type Choice = typeof choice extends fc.Arbitrary<infer T> ? T : never;

interface Asked {
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** A request to the queue with all choices in it. */
function requestOf(choices: readonly Choice[]): Asked {
  const asked: Asked = { path: '/queues/q_bank', headers: {}, body: undefined };
  const query: string[] = [];
  const cookies: string[] = [];
  for (const { place, name, value } of choices) {
    const pair = `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
    const token = name.replaceAll(/[^\w-]/g, '');
    if (place === 'query') query.push(pair);
    if (place === 'json') {
      asked.body = JSON.stringify({ [name]: value, intro: { variables: [{ name, value }] } });
      asked.headers['content-type'] = 'application/json';
    }
    if (place === 'form') {
      asked.body = pair;
      asked.headers['content-type'] = 'application/x-www-form-urlencoded';
    }
    if (place === 'cookie') cookies.push(`${token}=${encodeURIComponent(value)}`);
    if (place === 'header') asked.headers[token] = encodeURIComponent(value);
    if (place === 'fragment of a header list') asked.headers['x-secure-chat-id'] = `kari-sub, ${token}`;
    if (place === 'path') asked.path = `/queues/q_bank/chats/${token}-x`;
  }
  if (query.length > 0) asked.path += `?${query.join('&')}`;
  if (cookies.length > 0) asked.headers['cookie'] = cookies.join('; ');
  return asked;
}

const MAPPINGS = [
  {
    ids: ['kari-sub'],
    authMapping: { AuthUserId: { MapType: 'ChatId' }, given_name: { MapType: 'NickName' } },
  },
  // nobody mapped a ChatId: then there is none, and none that a client could fill in
  { ids: [], authMapping: { given_name: { MapType: 'NickName' } } },
  // the claim that is mapped is not there
  { ids: [], authMapping: { employee_no: { MapType: 'ChatId' }, given_name: { MapType: 'NickName' } } },
] as const;

inEveryFace(
  'the id at the upstream is the claim’s, and what the client chose passes as the client’s',
  async (t, face) => {
    for (const { ids, authMapping } of MAPPINGS) {
      const { url, upstream, browser } = await startSystem(t, { face, connection: { authMapping } });
      const visitor = browser();
      await visitor.open(`${url}/queues/q_bank`);
      const own = visitor.cookies('127.0.0.1');
      await fc.assert(
        fc.asyncProperty(fc.array(choice, { minLength: 1, maxLength: 4 }), async (choices) => {
          const { path, headers, body } = requestOf(choices);
          const before = upstream.requests.length;
          // a jar of its own: the chosen cookies stand beside the gateway's
          const { status } = await browser().fetch(url + path, {
            method: 'POST',
            headers: { ...headers, cookie: [headers['cookie'], own].filter(Boolean).join('; ') },
            ...(body === undefined ? {} : { body }),
          });
          assert.equal(status, 200);
          assert.equal(upstream.requests.length, before + 1);
          const seen = upstream.requests.at(-1)!;
          const values = seen.rawHeaders.filter(
            (_, i) =>
              i % 2 === 1 && /^x[^a-z0-9]secure[^a-z0-9]chat[^a-z0-9]id$/i.test(seen.rawHeaders[i - 1]!),
          );
          assert.deepEqual(values, ids);
          // no identity in it, and nobody's id forced into it: body, address and cookies are the client's own
          assert.deepEqual([seen.url, seen.body.toString()], [path, body ?? '']);
          assert.equal(seen.headers.cookie, headers['cookie']);
        }),
        { numRuns: runs(30) },
      );
    }
  },
);

const CHAT = 'Chat-7f3a';

/** Spellings that some server takes for the id. */
const spelling = fc.constantFrom<(id: string) => string>(
  (id) => id,
  (id) => id.toLowerCase(),
  (id) => id.toUpperCase(),
  (id) => id.replace('C', '%43'),
  (id) => `%20${id}`,
  (id) => `${id}.json`,
  (id) => `${id}+`,
  (id) => `${id}%E2%80%8B`,
  (id) => id.replace('a', '%C3%A1'),
  (id) => `${id}%3Fx`,
  (id) => `${id},own`,
  (id) => `own,${id}`,
);
const place = fc.constantFrom<(id: string) => string>(
  (id) => `/chats/${id}`,
  (id) => `/chats/${id}/messages`,
  (id) => `/CHATS/${id}/`,
  (id) => `/queues/q_bank/chats/${id}`,
  (id) => `/queues/q_open/chats/${id}`,
  (id) => `/messages?chat=${id}`,
  (id) => `/messages?CHAT[]=${id}`,
  (id) => `/messages?x=1;chat=${id}`,
  (id) => `/messages.json?chat=${id}`,
);

/** What the most forgiving chat server makes of an address. */
const readLoosely = (address: string) =>
  decodeURIComponent(address)
    .normalize('NFKD')
    .replaceAll(/[^a-z\d/-]/gi, '')
    .toLowerCase();

inEveryFace(
  'with chat rules no spelling of a chat’s id brings a stranger or a thief to it',
  async (t, face) => {
    const { url, provider, upstream, browser } = await startSystem(t, {
      face,
      upstream: (req, res) => {
        req.resume();
        res.setHeader('Content-Type', 'application/json').end(JSON.stringify({ id: CHAT }));
      },
      options: {
        chatRules: [
          { method: 'POST', path: '/queues/:queueKey/chats', chatIdFrom: 'id' },
          { path: '/queues/:queueKey/chats/:chatId{/*rest}' },
          { path: '/chats/:chatId{/*rest}' },
          { path: '/messages', query: 'chat' },
        ],
      },
    });
    const victim = browser();
    await victim.open(`${url}/queues/q_bank`);
    assert.equal((await victim.fetch(`${url}/queues/q_bank/chats`, { method: 'POST' })).status, 200);
    provider.setPerson(ola);
    const thief = browser();
    await thief.open(`${url}/queues/q_bank`);
    const taken = await thief.fetch(`${url}/queues/q_bank/chats`, { method: 'POST' });
    assert.equal(taken.status, 403, 'nor does the chat server give it to somebody else');
    await fc.assert(
      fc.asyncProperty(place, spelling, fc.boolean(), async (at, spell, loggedIn) => {
        const before = upstream.requests.length;
        const visit = await (loggedIn ? thief : browser()).fetch(url + at(spell(CHAT)));
        const arrived = upstream.requests.slice(before).map((request) => readLoosely(request.url));
        assert.ok(!arrived.some((address) => address.includes(CHAT.toLowerCase())), visit.url);
        assert.ok([400, 401, 403].includes(visit.status), `${visit.status} ${visit.url}`);
      }),
      { numRuns: runs(40) },
    );
    assert.equal((await victim.fetch(`${url}/chats/${CHAT}`)).status, 200, 'and its owner goes on');
    assert.equal((await victim.fetch(`${url}/messages?chat=${CHAT}`)).status, 200);
  },
);

inEveryFace(
  'with tokens too no spelling of a chat’s id brings another person to it, by HTTP or WebSocket',
  async (t, face) => {
    const system = await startChats(t, { face });
    const { url, provider, upstream, browser } = system;
    const page = new CookielessPage(url);
    const owner = await page.token(browser());
    for (const id of IDS) {
      const path = `/queues/q_bank/chats?id=${encodeURIComponent(id)}`;
      assert.equal((await page.ask(path, { method: 'POST', token: owner })).status, 201, id);
    }
    provider.setPerson(ola);
    const thief = await page.token(browser());
    assert.equal((await page.ask('/queues/q_bank', { token: thief })).status, 200);
    const offer = `Sec-WebSocket-Protocol: secure-chat, secure-chat.bearer.${thief}`;
    const upgrade = async (target: string) => (await shakeHands(system, target, [offer])).status;
    const arrivals = (from: number) => upstream.requests.slice(from).map((request) => request.url);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...IDS),
        respell,
        where,
        fc.boolean(),
        async (id, spell, at, socket) => {
          const before = upstream.requests.length;
          const target = at(spell(id));
          const status = socket ? await upgrade(target) : (await page.ask(target, { token: thief })).status;
          assert.ok([400, 401, 403].includes(status), `${status} ${target}`);
          assert.deepEqual(arrivals(before), []);
        },
      ),
      { numRuns: runs(60) },
    );
    for (const id of IDS)
      assert.equal((await page.ask(`/chats/${encodeURIComponent(id)}`, { token: owner })).status, 200, id);
  },
);

inEveryFace(
  'with the preset an id is nobody’s but its person’s, and where that has no cookie, its secret’s',
  async (t, face) => {
    const { url, provider, upstream, browser } = await startPuzzel(t, { face });
    const owners = [new PuzzelPage(url, browser()), new PuzzelPage(url, browser(), NO_COOKIES)] as const;
    const ids = [await owners[0].chat(provider.issuer), await owners[1].chat(provider.issuer)] as const;
    provider.setPerson(ola);
    const stranger = new PuzzelPage(url, browser(), { cookies: true });
    const other = new PuzzelPage(url, browser());
    await other.chat(provider.issuer);
    const own = new PuzzelPage(url, browser(), NO_COOKIES);
    const [, secret = ''] = (await own.chat(provider.issuer)).split('.');
    const [bare = '', tail = ''] = ids[1].split('.');
    const targets = [
      ids[0],
      bare,
      `${bare}.${secret}`,
      `${ids[0]}.${secret}`,
      `${bare}.${tail.toLowerCase()}x`,
      `${bare}%2E${tail.slice(0, -1)}`,
    ];
    const calls = fc.constantFrom<[string, string, object | undefined]>(
      ['messages', 'POST', { type: 'Message', content: 'x' }],
      ['messages/0', 'GET', undefined],
      ['1', 'DELETE', undefined],
      ['email', 'POST', { toEmailAddress: 'm@evil.example' }],
      ['survey', 'POST', {}],
      ['survey', 'POST', { parentSessionId: bare }],
      ['anything', 'PUT', {}],
    );
    const arrived = upstream.requests.length;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...targets),
        calls,
        fc.constantFrom(stranger, other, own),
        spelling,
        async (id, [call, method, json], who, spell) => {
          const spelt = id.includes('.') ? id : spell(id);
          const visit = await who.ask(
            `/sessions/${spelt}/${call}`,
            json === undefined ? { method } : { method, json },
          );
          assert.ok([400, 401, 403].includes(visit.status), `${visit.status} ${method} ${visit.url}`);
        },
      ),
      { numRuns: runs(60) },
    );
    assert.equal(upstream.requests.length, arrived);
    assert.equal(codeOf(await other.say(ids[1])), 'queue_refused', 'nor is the secret of use to others');
    for (const [i, owner] of owners.entries()) assert.equal((await owner.say(ids[i]!)).status, 200);
    assert.ok(upstream.requests.every(({ url: at }) => at.startsWith(BASE) && !at.includes('scg-')));
  },
);
