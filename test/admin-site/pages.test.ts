import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Edit } from '../../src/config/edits.ts';
import { until } from '../support/until.ts';
import { inEveryFace, type System } from '../support/system.ts';
import { Desk, hiddenOf, shownOf, valueOf } from './pages-rig.ts';
import { startAdministered } from './rig.ts';

const CONNECTION = '/connection?customerKey=12345&authConnectionName=Signicat';
const SECRET = '/secret?customerKey=12345&authConnectionName=Signicat&key=authClientSecret';

async function change({ gateway }: System, ...edits: Edit[]): Promise<void> {
  const { revision } = await gateway.administration!.read();
  await gateway.administration!.change(edits, { revision, actor: 'bo' });
}

const settingOf = async ({ gateway }: System, key: string) =>
  (await gateway.administration!.read()).customers[0]!.connections[0]!.settings.find(
    (one) => one.key === key,
  );

inEveryFace(
  'a queue is made secure and opened again, each by a form, and the second one asks',
  async (t, face) => {
    const system = await startAdministered(t, { face });
    const { url, browser } = system;
    const desk = new Desk(url, browser());
    await desk.signIn();
    const enter = async () => (await browser().fetch(`${url}/queues/q_open`)).status;
    assert.equal(await enter(), 200);
    const path = '/queue?customerKey=12345&queueKey=q_open';
    const saved = await desk.fill(path, { authConnectionName: 'Signicat' });
    assert.equal(saved.status, 303, saved.body);
    assert.equal(await enter(), 401);
    const page = await desk.open(path);
    assert.match(shownOf(page.body), /The queue q_open is secure\. .*secure Set by anna , \d+ \w+ \d{4}/);
    assert.doesNotMatch(shownOf((await desk.open(path)).body), /The queue q_open is secure\./, 'said once');
    const [, confirm] = /href="\/secure-chat\/admin(\/confirm\?act=queue\.open[^"]*)"/.exec(page.body)!;
    const opened = await desk.fill(confirm!.replaceAll('&amp;', '&'), {});
    assert.equal(opened.status, 303, opened.body);
    assert.equal(await enter(), 200);
    await until('the change in the audit record', async () =>
      / configuration changed anna 12345 · q_open queue\.open /.test(
        shownOf((await desk.open('/audit?kind=configuration_changed')).body),
      ),
    );
  },
);

inEveryFace(
  'what does not validate is told beside its field, with everything typed kept',
  async (t, face) => {
    const system = await startAdministered(t, { face });
    const desk = new Desk(system.url, system.browser());
    await desk.signIn();
    const typed = {
      authEndpoint: 'http://evil.example/x',
      authAcrValues: 'urn:typed & <kept>',
      clockToleranceSeconds: 'soon',
    };
    const refused = await desk.fill(CONNECTION, typed);
    assert.equal(refused.status, 422);
    const text = shownOf(refused.body);
    assert.match(text, /Issuer: Expected an absolute https address \(plain http is taken for localhost/);
    assert.match(text, /Clock tolerance in seconds: Expected a number/);
    assert.match(refused.body, /id="authEndpoint-problem"/);
    assert.match(refused.body, /<input id="authEndpoint"[^>]*aria-invalid="true"/);
    for (const [name, value] of Object.entries(typed)) assert.equal(valueOf(refused.body, name), value, name);
    assert.equal((await settingOf(system, 'authAcrValues'))?.isSet, undefined);
    // and from there it can be sent again
    const mended = await desk.post(CONNECTION, {
      ...hiddenOf(refused.body),
      authAcrValues: 'urn:typed',
      authScope: '',
      clockToleranceSeconds: '60',
    });
    assert.equal(mended.status, 303);
    const values = await Promise.all(
      ['authAcrValues', 'authScope', 'clockToleranceSeconds'].map((key) => settingOf(system, key)),
    );
    assert.deepEqual(
      values.map((setting) => setting && 'value' in setting && setting.value),
      ['urn:typed', false, 60],
    );
    assert.match(
      shownOf((await desk.open(CONNECTION)).body),
      /The file says: openid profile signicat\.national_id Back to the file/,
    );
  },
);

inEveryFace(
  'another issuer needs the client secret in the same form, and no page shows it',
  async (t, face) => {
    const system = await startAdministered(t, { face });
    const desk = new Desk(system.url, system.browser());
    await desk.signIn();
    const elsewhere = { authEndpoint: 'https://elsewhere.example' };
    const refused = await desk.fill(CONNECTION, elsewhere);
    assert.equal(refused.status, 422);
    assert.match(refused.body, /id="authClientSecret-problem"/);
    assert.match(shownOf(refused.body), /goes to no other address than it was set for/);
    assert.equal(valueOf(refused.body, 'authEndpoint'), elsewhere.authEndpoint);
    const form = { ...hiddenOf(refused.body), ...elsewhere, authClientSecret: 'canary-moved' };
    const wrong = await desk.post(CONNECTION, { ...form, clockToleranceSeconds: 'soon' });
    assert.equal(wrong.status, 422);
    assert.doesNotMatch(wrong.body, /canary-moved/);
    assert.equal((await desk.post(CONNECTION, { ...form, ...hiddenOf(wrong.body) })).status, 303);
    const [endpoint, secret] = [
      await settingOf(system, 'authEndpoint'),
      await settingOf(system, 'authClientSecret'),
    ];
    assert.equal(endpoint && 'value' in endpoint && endpoint.value, elsewhere.authEndpoint);
    assert.equal(secret?.origin, 'administrator');
    assert.doesNotMatch((await desk.open(CONNECTION)).body, /canary-moved/);
  },
);

test('what differs from the file is given back setting by setting', async (t) => {
  const system = await startAdministered(t);
  const desk = new Desk(system.url, system.browser());
  await desk.signIn();
  await desk.fill(CONNECTION, { authScope: 'openid', authAcrValues: 'urn:a' });
  await desk.fill(CONNECTION, { authAcrValues: '' });
  assert.equal(await settingOf(system, 'authAcrValues'), undefined);
  await desk.fill(
    '/confirm?act=reset.connection&customerKey=12345&authConnectionName=Signicat&key=authScope',
    {},
  );
  assert.equal((await settingOf(system, 'authScope'))?.origin, 'file');
  const nothing = await desk.fill(CONNECTION, { authScope: 'openid profile signicat.national_id' });
  assert.equal(nothing.status, 303);
  assert.match(shownOf((await desk.open(CONNECTION)).body), /Nothing differed, so nothing was saved\./);
});

inEveryFace('who was slower is told so, and loses nothing that was typed', async (t, face) => {
  const system = await startAdministered(t, { face });
  const desk = new Desk(system.url, system.browser());
  await desk.signIn();
  const page = await desk.open(CONNECTION);
  await change(system, { kind: 'queue.open', customerKey: '12345', queueKey: 'q_new' });
  const late = await desk.post(CONNECTION, { ...hiddenOf(page.body), authScope: 'openid typed' });
  assert.equal(late.status, 409);
  assert.match(shownOf(late.body), /Somebody else was faster/);
  assert.equal(valueOf(late.body, 'authScope'), 'openid typed');
  const again = await desk.post(CONNECTION, { ...hiddenOf(late.body), authScope: 'openid typed' });
  assert.equal(again.status, 303);
});

inEveryFace('a secret is set by saying so, tried at the provider, and in no page', async (t, face) => {
  const system = await startAdministered(t, { face });
  const { provider } = system;
  const desk = new Desk(system.url, system.browser());
  await desk.signIn();
  const first = await desk.fill(SECRET, { authClientSecret: 'canary-one' });
  assert.equal(first.status, 422);
  assert.match(shownOf(first.body), /One is set: say that it shall be replaced/);
  assert.doesNotMatch(first.body, /canary|portal-secret/);
  const tried = await desk.fill(SECRET, { authClientSecret: 'canary-tried', replace: 'yes', try: 'yes' });
  assert.equal(tried.status, 422);
  assert.match(shownOf(tried.body), /The provider refuses: the secret is wrong/);
  assert.doesNotMatch(tried.body, /canary|portal-secret/);
  assert.equal((await settingOf(system, 'authClientSecret'))?.origin, 'file');
  const second = await desk.fill(SECRET, { authClientSecret: 'canary-two', replace: 'yes' });
  assert.equal(second.status, 303);
  const page = await desk.open(CONNECTION);
  assert.match(shownOf(page.body), /Client secret replaced\. The provider refuses/);
  assert.match(shownOf(page.body), /Client secret set Set by anna/);
  assert.doesNotMatch(page.body, /canary|portal-secret/);
  await desk.fill(SECRET, { authClientSecret: provider.clients.portal!.secret!, replace: 'yes' });
  assert.match(
    shownOf((await desk.open(CONNECTION)).body),
    /The provider knows the client and accepts its secret/,
  );
  const broken = await desk.fill(SECRET.replace('authClientSecret', 'authDecryptionKeys'), {
    authDecryptionKeys: '{"kty":"RSA","d":"canary-three"',
  });
  assert.equal(broken.status, 422);
  assert.doesNotMatch(broken.body, /canary/);
  for (const path of ['', CONNECTION, SECRET, '/audit', '/customer?customerKey=12345'])
    assert.doesNotMatch((await desk.open(path)).body, /canary|portal-secret/, path);
  assert.doesNotMatch(JSON.stringify(system.log), /canary|portal-secret/);
});

inEveryFace('customers, connections and queues are added and taken away by forms alone', async (t, face) => {
  const system = await startAdministered(t, { face });
  const { url, browser, provider } = system;
  const desk = new Desk(url, browser());
  await desk.signIn();
  const go = async (path: string, fields: Record<string, string>) => {
    const answer = await desk.fill(path, fields);
    assert.equal(answer.status, 303, `${path} ${shownOf(answer.body)}`);
    return answer.headers.get('location')!;
  };
  assert.equal(
    await go('/customer/new', {
      customerKey: ' 6 / 7 & ä ',
      returnOrigins: 'https://a.example\r\nhttps://b.example',
    }),
    '/secure-chat/admin/customer?customerKey=6+%2F+7+%26+%C3%A4',
  );
  const customerKey = encodeURIComponent('6 / 7 & ä');
  // without a connection a queue can be listed as open all the same
  await go(`/queue/new?customerKey=${customerKey}`, { queueKey: 'q_early', do: 'open' });
  await go(`/connection/new?customerKey=${customerKey}`, {
    authConnectionName: 'New one',
    authEndpoint: provider.issuer,
    authClientId: 'portal',
  });
  await go(`/queue/new?customerKey=${customerKey}`, {
    queueKey: 'q_six',
    authConnectionName: 'New one',
    do: 'secure',
  });
  assert.equal((await browser().fetch(`${url}/queues/q_six`)).status, 401);
  const queue = `customerKey=${customerKey}&queueKey=q_six`;
  const silently = await desk.fill(`/confirm?act=queue.remove&${queue}`, {});
  assert.equal(silently.status, 422);
  assert.match(shownOf(silently.body), /Expected the queue "q_six" to stay secure/);
  await go(`/confirm?act=queue.open&${queue}`, {});
  await go(`/confirm?act=queue.remove&${queue}`, {});
  await go(`/confirm?act=connection.remove&customerKey=${customerKey}&authConnectionName=New+one`, {});
  await go(`/confirm?act=reset.customer&customerKey=${customerKey}`, {});
  assert.equal((await system.gateway.administration!.read()).customers.length, 1);
});

inEveryFace('while chats run, a queue is opened only with a tick that breaks them off', async (t, face) => {
  const { url, browser } = await startAdministered(t, { face });
  const visitor = browser();
  assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200);
  const desk = new Desk(url, browser());
  await desk.signIn();
  assert.match(
    shownOf((await desk.open('/queue?customerKey=12345&queueKey=q_bank')).body),
    /secure chats run/,
  );
  const path = '/confirm?act=queue.open&customerKey=12345&queueKey=q_bank';
  const refused = await desk.fill(path, {});
  assert.equal(refused.status, 422);
  assert.match(refused.body, /name="force" value="yes"/);
  const forced = await desk.post(path, { ...hiddenOf(refused.body), force: 'yes' });
  assert.equal(forced.status, 303);
});

inEveryFace('one person’s sessions are ended after one more question', async (t, face) => {
  const { url, browser } = await startAdministered(t, { face });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const desk = new Desk(url, browser());
  await desk.signIn();
  let subject: string | undefined;
  await until('the login in the audit record', async () => {
    subject = /person ([\w-]{24})/.exec((await desk.open('/audit?kind=code_redeemed')).body)?.[1];
    return subject !== undefined;
  });
  const asked = await desk.fill('/sessions', { subject: subject! });
  assert.equal(asked.status, 200);
  assert.match(shownOf(asked.body), /End everything of this person\?/);
  assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 200, 'nothing has happened yet');
  await desk.post('/sessions', hiddenOf(asked.body));
  assert.match(shownOf((await desk.open('/sessions')).body), /Ended: 1 session, 0 chats\./);
  assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 401);
});

inEveryFace('the record is filtered, paged and checked', async (t, face) => {
  const system = await startAdministered(t, { face });
  const desk = new Desk(system.url, system.browser());
  await desk.signIn();
  for (let round = 0; round < 55; round += 1)
    await change(system, {
      kind: 'customer',
      customerKey: '12345',
      returnOrigins: [`https://r${round}.example`],
    });
  const open = () => desk.open('/audit?kind=configuration_changed&customerKey=12345');
  const countOf = (html: string) => [...html.matchAll(/configuration changed<\/span>/g)].length;
  await until('the last of the changes', async () => (await open()).body.includes('rel="next"'));
  const first = await open();
  const [, older] = /href="\/secure-chat\/admin(\/audit\?[^"]*)" rel="next"/.exec(first.body)!;
  const second = await desk.open(older!.replaceAll('&amp;', '&'));
  assert.equal(countOf(first.body), 50);
  assert.ok(countOf(second.body) > 0 && countOf(second.body) <= 5);
  await desk.post('/audit/verify', { csrf: hiddenOf(first.body).csrf! });
  assert.match(shownOf((await desk.open('/audit')).body), /The record is whole/);
  for (const path of ['/audit?after=x', '/audit?kind=nonsense'])
    assert.equal((await desk.open(path)).status, 400);
});
