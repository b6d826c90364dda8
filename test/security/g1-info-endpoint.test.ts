/** A user-info route that gives away tokens or unmasked claims (CVE-2024-39315): `/session` gives the contract's members and nothing else, masked as sent upstream. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findCanary } from '../support/canary.ts';
import { startProvider } from '../support/provider.ts';
import { runs } from '../support/runs.ts';
import { connection, identityOf, inEveryFace, kari, startSystem, type System } from '../support/system.ts';

const ID = '17029012345';
const MEMBERS = [
  'authenticated',
  'connection',
  'chatId',
  'nickName',
  'variables',
  'acr',
  'amr',
  'authTime',
  'expiresAt',
];

/** A person whose id hides where it can, with claims that nobody has mapped. */
const person = {
  ...kari,
  name: `Kari (f. 170290-12345)`,
  given_name: 'Kari 17029012345',
  email: 'canary-mail@bank.example',
  phone_number: '+4799canary',
  nin: ID,
  acr: 'urn:test:nbid',
  amr: ['mfa', ID],
  address: { formatted: 'Canary gate 1\n0150 Oslo' },
};

/** What the provider and the gateway told one another: nothing of it belongs into the answer. */
function tokensOf({ provider }: System): string[] {
  return provider.requests.flatMap(({ url, body, headers }) =>
    [
      ...['state', 'nonce', 'code_challenge'].map((name) => url.searchParams.get(name)),
      ...['code', 'code_verifier'].map((name) => body.get(name)),
      headers.authorization?.split(' ')[1],
    ].filter((text) => typeof text === 'string'),
  );
}

/** The decoys that other gateways' routes take; none of them means anything here. */
const query = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        'include',
        'fields',
        'scope',
        'token',
        'access_token',
        'refresh',
        'debug',
        'raw',
        'unmask',
        'claims',
        'format',
        'authCode',
        'id_token',
        '__proto__',
      ),
      fc.constantFrom('1', 'true', '*', 'tokens', 'national_id', 'all', 'access_token,id_token', ''),
    ),
    { maxLength: 4 },
  )
  .map((pairs) => new URLSearchParams(pairs));
const queue = fc.constantFrom('', 'queueKey=q_bank', 'QUEUEKEY=Q_BANK', 'queueKey[]=%20q_bank%20');
const accept = fc.constantFrom(
  'application/json',
  'text/html',
  'application/jwt',
  '*/*;q=0.1, application/token',
);

inEveryFace('/session has the members of the contract, masked as the upstream gets them', async (t, face) => {
  const system = await startSystem(t, { face });
  const { url, provider, upstream } = system;
  provider.setPerson(person);
  const visitor = system.browser();
  const ask = async (search = '', headers: Record<string, string> = {}) => {
    const {
      status,
      body,
      headers: told,
    } = await visitor.fetch(`${url}/secure-chat/session${search}`, {
      headers,
    });
    assert.deepEqual(
      [status, told.get('content-type'), told.get('cache-control')],
      [200, 'application/json', 'no-store'],
    );
    assert.equal(findCanary(JSON.stringify([...told]) + body, ID), undefined);
    return { body, session: JSON.parse(body) as Record<string, unknown> };
  };

  assert.deepEqual((await ask()).session, { authenticated: false });
  await visitor.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
  assert.deepEqual((await ask()).session, { authenticated: false, pending: true, connection: 'Signicat' });
  assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 200);
  const sent = identityOf(upstream);
  assert.deepEqual((await ask('?queueKey=q_open')).session, { authenticated: false });
  assert.deepEqual((await ask('?queueKey=q_none')).session, { authenticated: false });

  await fc.assert(
    fc.asyncProperty(query, queue, accept, async (decoys, named, wanted) => {
      const search = [decoys.toString(), named].filter((part) => part !== '').join('&');
      const { body, session } = await ask(search === '' ? '' : `?${search}`, { accept: wanted });
      assert.deepEqual(Object.keys(session), MEMBERS, search);
      assert.ok(!body.includes('canary'), 'a claim that nobody mapped');
      for (const secret of tokensOf(system)) assert.ok(!body.includes(secret), 'a token');
      assert.doesNotMatch(body, /eyJ[\w-]{8,}|Bearer|subject|authUserId/);
    }),
    { numRuns: runs(20) },
  );

  const { session } = await ask();
  assert.deepEqual(
    [session['chatId'], session['nickName'], session['acr'], (session['amr'] as string[]).join(' ')],
    ['Id', 'Nickname', 'Acr', 'Amr'].map((name) =>
      decodeURIComponent(sent[`x-secure-chat-${name.toLowerCase()}`]!),
    ),
  );
  assert.equal(String(session['authTime']), sent['x-secure-chat-auth-time']);
  assert.deepEqual(session['variables'], JSON.parse(sent['x-secure-chat-variables']!));
  for (const variable of session['variables'] as object[])
    assert.deepEqual(Object.keys(variable), ['name', 'description', 'value']);

  // and nobody else's
  assert.deepEqual(JSON.parse((await system.browser().fetch(`${url}/secure-chat/session`)).body), {
    authenticated: false,
  });
  await visitor.fetch(`${url}/secure-chat/logout`, { method: 'POST' });
  assert.deepEqual((await ask()).session, { authenticated: false });
});

inEveryFace(
  'a page on another origin reads of its own customer’s connections only, though the cookie comes along',
  async (t, face) => {
    const provider = await startProvider({ person: kari });
    t.after(() => provider.stop());
    const [bank, shop] = ['https://www.bank.example', 'https://www.shop.example'];
    const customer = (customerKey: string, origin: string, queueKey: string) => ({
      customerKey,
      returnOrigins: [origin],
      connections: [connection(provider, { authConnectionName: queueKey })],
      queues: [{ queueKey, authConnectionName: queueKey }],
    });
    const customers = [customer('1', bank, 'q_bank'), customer('2', shop, 'q_shop')];
    const { url, browser } = await startSystem(t, { face, provider, options: { customers } });
    const visitor = browser();
    await visitor.open(`${url}/queues/q_bank`);
    await visitor.open(`${url}/queues/q_shop`);
    const read = async (origin: string | undefined, query: string) => {
      const headers = origin === undefined ? {} : { origin };
      const { body } = await visitor.fetch(`${url}/secure-chat/session${query}`, { headers });
      const info = JSON.parse(body) as { authenticated: boolean; connection?: string };
      if (!info.authenticated) assert.equal(body, '{"authenticated":false}');
      return info.connection;
    };
    const table: [string | undefined, string[]][] = [
      [undefined, ['q_shop', 'q_bank', 'q_shop']],
      [url, ['q_shop', 'q_bank', 'q_shop']],
      [bank, ['q_bank', 'q_bank', 'nobody']],
      [shop, ['q_shop', 'nobody', 'q_shop']],
      ['https://evil.example', ['nobody', 'nobody', 'nobody']],
      ['null', ['nobody', 'nobody', 'nobody']],
      ['', ['nobody', 'nobody', 'nobody']],
      [`${bank}, ${shop}`, ['nobody', 'nobody', 'nobody']],
    ];
    for (const [origin, expected] of table) {
      const seen: string[] = [];
      for (const query of ['', '?queueKey=q_bank', '?queueKey=q_shop'])
        seen.push((await read(origin, query)) ?? 'nobody');
      assert.deepEqual(seen, expected, origin);
    }
  },
);
