import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identityOf, inEveryFace } from '../support/system.ts';
import { codeOf } from '../support/problem-code.ts';
import { until } from '../support/until.ts';
import { apiOf } from './api-client.ts';
import { ADMIN_TOKEN, startAdministered, VIEWER_TOKEN } from './rig.ts';

const BANK = '/customers/12345';
const SIGNICAT = `${BANK}/connections/Signicat`;
const OPEN = `${BANK}/queues/q_open`;

inEveryFace(
  'a queue that the API makes secure demands an identity at once, and a reset opens it',
  async (t, face) => {
    const { url, browser, upstream } = await startAdministered(t, { face });
    const { ask } = apiOf(url);
    const read = await ask('GET', '/settings');
    assert.equal(read.etag, '"0"');
    const secured = await ask('PUT', OPEN, {
      body: { state: 'secure', authConnectionName: 'Signicat' },
      ifMatch: read.etag,
    });
    assert.equal(secured.status, 200, secured.body);
    assert.equal(secured.etag, `"${secured.json.revision}"`);
    assert.equal(codeOf(await browser().fetch(`${url}/queues/q_open`)), 'login_required');
    const visitor = browser();
    assert.equal((await visitor.open(`${url}/queues/q_open`)).status, 200);
    assert.equal(identityOf(upstream)['x-secure-chat-queue'], 'q_open');
    const queue = await ask('GET', OPEN);
    assert.deepEqual([queue.json.state, queue.json.inFile, queue.json.by], ['secure', 'open', 'anna']);
    const kept = await ask('POST', `${OPEN}/reset`, { ifMatch: queue.etag! });
    assert.deepEqual([kept.status, kept.code], [422, 'change_refused'], 'a reset opens nothing in passing');
    const running = await ask('PUT', OPEN, { body: { state: 'open' }, ifMatch: queue.etag! });
    assert.equal(running.code, 'change_refused', 'a chat runs there');
    assert.match(running.json.problems![0]!.hint!, /force/);
    const opened = await ask('PUT', `${OPEN}?force=true`, { body: { state: 'open' }, ifMatch: queue.etag! });
    assert.equal(opened.status, 200, opened.body);
    assert.equal((await browser().fetch(`${url}/queues/q_open`)).status, 200);
  },
);

test('a change on an older revision is 412, and one without If-Match 428', async (t) => {
  const { url } = await startAdministered(t);
  const { ask } = apiOf(url);
  const body = { state: 'secure', authConnectionName: 'Signicat' };
  assert.equal((await ask('PUT', OPEN, { body })).code, 'revision_required');
  const [first, second] = [await ask('GET', OPEN), await ask('GET', '/settings')];
  assert.equal((await ask('PUT', OPEN, { body, ifMatch: first.etag! })).status, 200);
  const late = await ask('PATCH', SIGNICAT, {
    body: { settings: { authScope: 'openid x' } },
    ifMatch: second.etag!,
  });
  assert.deepEqual([late.status, late.code], [412, 'revision_changed']);
  for (const ifMatch of ['W/"0"', '"x"', '0', '"0", "1"'])
    assert.equal((await ask('PUT', OPEN, { body, ifMatch })).code, 'revision_changed', ifMatch);
  assert.equal(
    (await ask('GET', SIGNICAT)).json.settings.find(({ key }) => key === 'authScope')!.origin,
    'file',
  );
});

test('of many who change the same revision at once, one does', async (t) => {
  const { url } = await startAdministered(t);
  const { ask } = apiOf(url);
  const { etag } = await ask('GET', '/settings');
  const all = await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      ask('PATCH', SIGNICAT, { body: { settings: { authScope: `openid s${n}` } }, ifMatch: etag! }),
    ),
  );
  assert.deepEqual(all.map(({ status }) => status).sort(), [200, ...Array<number>(7).fill(412)]);
});

test('customers, connections and queues come and go', async (t) => {
  const { url, provider } = await startAdministered(t);
  const { ask, change } = apiOf(url);
  const NEW = '/customers/New%20bank';
  assert.equal((await ask('GET', NEW)).code, 'not_found');
  assert.equal((await change('PUT', NEW, { returnOrigins: ['https://new.example'] })).status, 200);
  const settings = { authClientId: 'portal', authEndpoint: provider.issuer };
  assert.equal((await change('PATCH', `${NEW}/connections/Own`, { settings })).status, 200);
  assert.equal(
    (await change('PUT', `${NEW}/queues/q_new`, { state: 'secure', authConnectionName: 'Own' })).status,
    200,
  );
  const { json } = await ask('GET', NEW);
  assert.equal(json.customerKey, 'New bank');
  assert.deepEqual([json.origin, json.queues[0]!.state], ['administrator', 'secure']);
  assert.equal((await change('DELETE', NEW)).code, 'change_refused', 'its queue would be open');
  assert.equal((await change('PUT', `${NEW}/queues/q_new`, { state: 'open' })).status, 200);
  assert.equal((await change('DELETE', `${NEW}/queues/q_new`)).status, 200);
  assert.equal((await change('DELETE', `${NEW}/connections/Own`)).status, 200);
  assert.equal((await change('DELETE', NEW)).status, 200);
  assert.equal((await ask('GET', NEW)).status, 404);
});

test('a customer of the file stays, its connections and queues can be hidden and come back', async (t) => {
  const { url } = await startAdministered(t);
  const { ask, change } = apiOf(url);
  const refused = await change('DELETE', BANK);
  assert.deepEqual([refused.status, refused.code], [409, 'still_in_file']);
  assert.equal((await change('DELETE', SIGNICAT)).code, 'change_refused', 'secure queues name it');
  const edits = ['q_bank', 'q_loan'].map((queueKey) => ({
    kind: 'queue.open',
    customerKey: '12345',
    queueKey,
  }));
  const removal = { kind: 'connection.remove', customerKey: '12345', authConnectionName: 'Signicat' };
  const all = await change('POST', '/changes', { edits: [...edits, removal] });
  assert.equal(all.status, 200, all.body);
  assert.equal((await ask('GET', SIGNICAT)).json.removed.by, 'anna');
  assert.equal((await change('DELETE', OPEN)).status, 200);
  assert.equal((await ask('GET', OPEN)).json.state, 'removed');
  for (const path of [`${SIGNICAT}/reset`, `${BANK}/reset`, '/reset'])
    assert.equal((await change('POST', path)).status, 200, path);
  assert.equal((await ask('GET', `${BANK}/queues/Q_BANK`)).json.state, 'secure');
});

test('what does not validate is refused at the places of the file, and what is no form at those of the request', async (t) => {
  const { url } = await startAdministered(t);
  const { change, ask, browser } = apiOf(url);
  const places = async (method: string, path: string, body?: unknown) => {
    const { status, json } = await change(method, path, body);
    return [status, ...(json.problems ?? []).map(({ path: place }) => place)];
  };
  assert.deepEqual(
    await places('PATCH', SIGNICAT, { settings: { authEndpoint: 'http://elsewhere.example' } }),
    [422, 'customers[0].connections[0].authEndpoint'],
  );
  assert.deepEqual(await places('PUT', OPEN, { state: 'ajar' }), [422, 'body.state']);
  assert.deepEqual(await places('PUT', `${OPEN}?force=maybe`, { state: 'open' }), [422, 'query.force']);
  assert.deepEqual(await places('PUT', OPEN, { state: 'open', CANARY: 1 }), [422, 'body']);
  assert.deepEqual(await places('POST', '/changes', { edits: [{ kind: 'nonsense' }] }), [
    422,
    'edits[0].kind',
  ]);
  assert.deepEqual(await places('PUT', '/customers/12345', []), [422, 'body']);
  assert.equal((await change('GET', '/settings?force=true')).status, 422);
  assert.equal((await ask('GET', '/audit?limit=1&limit=2')).code, 'request_malformed');
  const odd = async (body: string, type = 'application/json') =>
    codeOf(
      await browser.fetch(`${url}/secure-chat/admin/api/v1${OPEN}`, {
        method: 'PUT',
        headers: { 'content-type': type, 'if-match': '*' },
        body,
      }),
    );
  assert.equal(await odd('{"state":'), 'request_malformed');
  assert.equal(await odd('state=open', 'application/x-www-form-urlencoded'), 'request_malformed');
  assert.equal(await odd('{"state":"open"}', 'text/plain'), 'request_malformed');
  assert.equal(await odd(`{"state":"open","x":"${'x'.repeat(70_000)}"}`), 'body_too_large');
});

test('a secret is set, used, replaced and taken away, and a new one is probed before', async (t) => {
  const { url, browser, provider } = await startAdministered(t, {
    connection: { authClientSecret: 'CANARY-wrong-one' },
  });
  const { ask, change } = apiOf(url);
  const SECRET = `${SIGNICAT}/secrets/authClientSecret`;
  const probe = async (body?: unknown) => (await ask('POST', `${SIGNICAT}/probe`, { body })).json.outcome;
  assert.equal(await probe(), 'refused');
  assert.equal(await probe({ settings: { authClientSecret: 'portal-secret' } }), 'accepted');
  assert.equal(await probe({}), 'refused', 'what was tried is not kept');
  const elsewhere = await ask('POST', `${SIGNICAT}/probe`, {
    body: { settings: { authTokenEndpoint: `${provider.issuer}/elsewhere` } },
  });
  assert.equal(elsewhere.json.problems?.[0]?.path, 'settings.authClientSecret', 'a secret goes nowhere else');
  assert.ok(!provider.requests.some(({ url: asked }) => asked.pathname.endsWith('/elsewhere')));
  const set = await change('PUT', SECRET, { value: 'portal-secret' });
  assert.deepEqual([set.status, set.body], [204, '']);
  assert.match(set.etag!, /^"\d+"$/);
  assert.equal(await probe(), 'accepted');
  assert.equal((await browser().open(`${url}/queues/q_bank`)).status, 200);
  const shown = (await ask('GET', SIGNICAT)).json.settings.find(({ key }) => key === 'authClientSecret')!;
  assert.deepEqual(
    [shown.secret, shown.isSet, shown.isSetInFile, shown.by, 'value' in shown],
    [true, true, true, 'anna', false],
  );
  assert.equal((await change('DELETE', SECRET)).status, 204);
  assert.equal((await change('PUT', `${SIGNICAT}/secrets/authClientId`, { value: 'x' })).code, 'not_found');
  const decryption = await change('PUT', `${SIGNICAT}/secrets/authDecryptionKeys`, {
    value: [{ kty: 'RSA', d: 'CANARY' }],
  });
  assert.equal(decryption.code, 'change_refused');
  assert.doesNotMatch(decryption.body, /CANARY/);
});

test('the mapping is set as a whole, and explained for a sample before and after', async (t) => {
  const { url } = await startAdministered(t);
  const { ask, change } = apiOf(url);
  const claims = { sub: 'x', email: 'kari@example.no', nin: '17029012345' };
  const authMapping = { email: { MapType: 'NickName' }, nin: { MapType: 'Variable', Description: 'Id' } };
  const explain = async (body: object) => {
    const { json } = await ask('POST', `${SIGNICAT}/explain`, { body });
    return json.rows
      .filter(({ header }) => /Nickname|Variable-n/.test(header))
      .map(({ header, value, why }) => [header, value, why.join()]);
  };
  const wanted = [
    ['X-Secure-Chat-Nickname', 'kari@example.no', ''],
    ['X-Secure-Chat-Variable-nin', '170290*****', 'masked'],
  ];
  assert.deepEqual(await explain({ claims, settings: { authMapping } }), wanted);
  assert.notDeepEqual(await explain({ claims }), wanted, 'what was tried is not kept');
  assert.equal((await change('PUT', `${SIGNICAT}/mapping`, { authMapping })).status, 200);
  assert.deepEqual(await explain({ claims, queueKey: 'q_loan' }), wanted);
  const wrong = await ask('POST', `${SIGNICAT}/explain`, {
    body: { claims, settings: { authMapping: { a: { MapType: 'Odd' } } } },
  });
  assert.equal(wrong.code, 'change_refused');
});

test('a pseudonym in an explanation is not the one that the gateway sends', async (t) => {
  const { url, browser, upstream } = await startAdministered(t, {
    connection: { authMapping: { AuthUserId: { MapType: 'ChatId' } }, pseudonymizedClaims: 'sub' },
  });
  assert.equal((await browser().open(`${url}/queues/q_bank`)).status, 200);
  const real = identityOf(upstream)['x-secure-chat-id'];
  const { json } = await apiOf(url).ask('POST', `${SIGNICAT}/explain`, {
    body: { claims: { sub: 'kari-sub' } },
  });
  const row = json.rows.find(({ header }) => header === 'X-Secure-Chat-Id')!;
  assert.match(row.value!, /^[\w-]{24}$/);
  assert.notEqual(row.value, real);
});

test('verified visitors are counted, and one is revoked by pseudonym or by sub', async (t) => {
  const { url, browser } = await startAdministered(t);
  const { ask } = apiOf(url);
  const count = async () => (await ask('GET', '/sessions')).json.verified;
  assert.equal(await count(), 0);
  const [first, second] = [browser(), browser()];
  for (const visitor of [first, second])
    assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200);
  assert.equal(await count(), 2);
  const redeemed = '/audit?kinds=code_redeemed&limit=1';
  await until('both entries', async () => {
    const { json } = await ask('GET', '/audit?kinds=code_redeemed');
    return json.entries.length === 2;
  });
  const page = await ask('GET', redeemed);
  const { subject } = page.json.entries[0]!;
  const next = await ask('GET', `${redeemed}&after=${page.json.next!}`);
  assert.notEqual(next.json.entries[0]!.id, page.json.entries[0]!.id);
  const revoked = await ask('POST', '/sessions/revocations', { body: { subject } });
  assert.equal(revoked.json.sessions, 2);
  assert.equal(await count(), 0);
  assert.equal(codeOf(await first.fetch(`${url}/queues/q_bank`)), 'login_required');
  const again = await ask('POST', '/sessions/revocations', {
    body: { customerKey: '12345', sub: 'kari-sub' },
  });
  assert.equal(again.json.sessions, 0);
  assert.equal(
    (await ask('POST', '/sessions/revocations', { body: { customerKey: 'none', sub: 'x' } })).code,
    'not_found',
  );
  assert.equal((await ask('POST', '/sessions/revocations', { body: { subject: 'kari' } })).status, 422);
});

test('what the API does is in the audit record, by the name of who did it', async (t) => {
  const { url } = await startAdministered(t);
  const { ask, change } = apiOf(url);
  await change('PATCH', SIGNICAT, { settings: { authScope: 'openid x' } });
  await change('PUT', `${SIGNICAT}/secrets/authClientSecret`, { value: 'CANARY-secret' });
  await change('PATCH', SIGNICAT, { settings: { authScope: 7 } });
  await apiOf(url, VIEWER_TOKEN).change('POST', '/reset');
  await until('the last entry', async () =>
    (await ask('GET', '/audit')).body.includes('administrator_refused'),
  );
  const { json, body } = await ask('GET', '/audit');
  const said = json.entries
    .filter(({ part, kind }) => part === 'administration' && kind !== 'record_started')
    .map(({ kind, actor, paths, code }) => [kind, actor, ...(paths ?? []), code].filter(Boolean).join(' '));
  assert.deepEqual(said.sort(), [
    'administrator_refused viggo forbidden',
    'administrator_signed_in anna',
    'administrator_signed_in viggo',
    'change_refused anna customers[0].connections[0].authScope',
    'configuration_changed anna customers[0].connections[0].authScope',
    'secret_set anna customers[0].connections[0].authClientSecret',
  ]);
  assert.doesNotMatch(body, /CANARY/);
  const verdict = await ask('GET', '/audit/verification');
  assert.equal(verdict.json.ok, true);
  assert.equal((await ask('GET', '/audit?kinds=nonsense')).code, 'request_malformed');
  assert.equal((await ask('GET', '/audit?after=nonsense')).status, 422);
});

test('who the token belongs to', async (t) => {
  const { url } = await startAdministered(t);
  assert.deepEqual((await apiOf(url, ADMIN_TOKEN).ask('GET', '/me')).json, {
    name: 'anna',
    role: 'administrator',
    how: 'token',
  });
});
