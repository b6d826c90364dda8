import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '../support/problem-code.ts';
import { connection, identityOf, inEveryFace } from '../support/system.ts';
import { startProvider } from '../support/provider.ts';
import { CUSTOMER, idOf, PuzzelPage, startPuzzel } from './puzzel-page.ts';

const OPEN = { customerKey: CUSTOMER, queueKey: 'q_open', nickName: 'x' };

inEveryFace('every way to a secure queue is seen', async (t, face) => {
  const { url, upstream, browser } = await startPuzzel(t, { face });
  const page = new PuzzelPage(url, browser());
  const verdict = async (json: unknown, query = '') => codeOf(await page.ask(`/sessions${query}`, { json }));
  for (const members of [
    { altQueueKey: 'Q_BANK' },
    { timeIdQueueKeyMapping: { open: 'q_open', closed: 'q_bank' } },
    { timeIdQueueKeyMapping: '{"open":"q_bank"}' },
    { timeIdQueueKeyMapping: 'open:q_open;closed:q_bank' },
    { AltQueueKey: ' q_bank' },
    { queueKey: null, altQueueKey: 'q_bank' },
  ])
    assert.equal(await verdict({ ...OPEN, ...members }), 'login_required', JSON.stringify(members));
  for (const query of ['?altQueueKey=q_bank', '?timeIdQueueKeyMapping[open]=q_bank', '?ALTqueuekey=q_bank'])
    assert.equal(await verdict(OPEN, query), 'login_required', query);
  for (const json of [
    { ...OPEN, altQueueKey: ['q_bank'] },
    { ...OPEN, altQueueKey: { a: 'q_bank' } },
    { ...OPEN, timeIdQueueKeyMapping: ['q_bank'] },
    { ...OPEN, timeIdQueueKeyMapping: { open: ['q_bank'] } },
    '{"queueKey":"q_open","altQueueKey":"q_open","altQueueKey":"q_bank"}',
    '{"queueKey":"q_open","timeIdQueueKeyMapping":{},"timeIdQueueKeyMapping":{"a":"q_bank"}}',
    '{"queueKey":"q_open","timeIdQueueKeyMapping":{"a":"q_open","a":"q_bank"}}',
  ])
    assert.equal(await verdict(json), 'request_malformed', JSON.stringify(json));
  assert.equal(
    await verdict(OPEN, '?altQueueKey=q_b%C3%A1nk'),
    'queue_ambiguous',
    'as a lenient server reads it',
  );
  const lenient = await page.ask('/sessions.json', { json: { ...OPEN, altQueueKey: 'q_bank' } });
  assert.equal(codeOf(lenient), 'path_ambiguous');
  assert.equal(codeOf(await page.ask('/sessions%3FaltQueueKey=q_bank', { json: OPEN })), 'path_ambiguous');
  assert.equal(upstream.requests.length, 0);
  for (const members of [
    {},
    { altQueueKey: '' },
    { altQueueKey: 'q_else' },
    { timeIdQueueKeyMapping: { open: 'q_open' } },
  ])
    assert.equal(await verdict({ ...OPEN, ...members }), '200', JSON.stringify(members));
  const form = await page.ask('/sessions', {
    method: 'POST',
    body: 'queueKey=q_open&altQueueKey=q_bank',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  assert.equal(codeOf(form), 'request_malformed', 'an identity cannot be written into a form');
});

inEveryFace(
  'the queue’s own header is queueKey’s when it is secure, else the first secure one’s',
  async (t, face) => {
    const { url, provider, upstream, browser } = await startPuzzel(t, { face });
    const page = new PuzzelPage(url, browser());
    await page.chat(provider.issuer);
    for (const [members, queue] of [
      [{ queueKey: 'q_loan', altQueueKey: 'q_bank' }, 'q_loan'],
      [{ queueKey: 'q_open', altQueueKey: 'q_loan', timeIdQueueKeyMapping: { a: 'q_bank' } }, 'q_loan'],
    ] as const) {
      const started = await page.start(undefined, members);
      assert.equal(started.status, 200, started.body);
      assert.equal(identityOf(upstream)['x-secure-chat-queue'], queue);
      for (const queueKey of [...Object.values({ ...members, timeIdQueueKeyMapping: 'q_bank' }), undefined]) {
        const survey = await page.ask(`/sessions/${idOf(started)}/survey`, { json: { queueKey } });
        assert.equal(survey.status, 200, `a survey names ${String(queueKey)}`);
        assert.equal(identityOf(upstream)['x-secure-chat-queue'], queue);
      }
    }
  },
);

test('two secure queues of different connections are one too many', async (t) => {
  const provider = await startProvider({ clients: { portal: { secret: 'portal-secret' } } });
  t.after(() => provider.stop());
  const customers = [
    {
      customerKey: CUSTOMER,
      returnOrigins: ['https://www.bank.example'],
      connections: [connection(provider), connection(provider, { authConnectionName: 'Other' })],
      queues: [
        { queueKey: 'q_bank', authConnectionName: 'Signicat' },
        { queueKey: 'q_other', authConnectionName: 'Other' },
      ],
    },
    {
      customerKey: 'twin',
      connections: [connection(provider)],
      queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }],
    },
  ];
  const { url, upstream, browser } = await startPuzzel(t, { provider, options: { customers } });
  const page = new PuzzelPage(url, browser());
  const start = async (members: object) =>
    codeOf(await page.ask('/sessions', { json: { ...OPEN, queueKey: 'q_bank', ...members } }));
  assert.equal(await start({ altQueueKey: 'q_other' }), 'queue_ambiguous');
  assert.equal(await start({ customerKey: 'twin', altQueueKey: 'q_other' }), 'queue_ambiguous');
  assert.equal(await start({ customerKey: undefined }), 'queue_ambiguous', 'whose q_bank?');
  assert.equal(
    await start({ queueKey: 'q_nobodys', customerKey: undefined, altQueueKey: 'q_bank' }),
    'queue_ambiguous',
  );
  assert.equal(await start({ altQueueKey: 'Q_BANK' }), 'login_required');
  assert.equal(codeOf(await page.state()), 'queue_ambiguous', 'which connection?');
  assert.equal(
    codeOf(await page.state({ connectionName: 'None', url: 'https://www.bank.example/' })),
    'queue_refused',
  );
  for (const members of [
    { connectionName: 'Other' },
    { queueKey: 'q_other' },
    { queueKey: 'q_bank', connectionName: 'Signicat' },
  ])
    assert.equal((await page.state({ ...members, url: 'https://www.bank.example/' })).status, 200);
  assert.equal(
    codeOf(
      await page.state({ queueKey: 'q_bank', connectionName: 'Other', url: 'https://www.bank.example/' }),
    ),
    'request_malformed',
  );
  assert.equal(upstream.requests.length, 0);
});

test('a handle is for queues of its connection', async (t) => {
  const { url, provider, upstream, browser } = await startPuzzel(t);
  const page = new PuzzelPage(url, browser());
  const code = await page.login(provider.issuer);
  const wrong = await page.start(undefined, { auth: { code, connectionName: 'Other' } });
  assert.equal(codeOf(wrong), 'request_malformed');
  for (const auth of [[], 'x', 1, { code: 1 }, { code: { a: 1 } }])
    assert.equal(codeOf(await page.start(undefined, { auth })), 'request_malformed', JSON.stringify(auth));
  assert.equal(upstream.requests.length, 0);
  assert.equal((await page.start(code, { queueKey: 'q_loan' })).status, 200);
  assert.equal((await page.start(undefined, { auth: { connectionName: 'Signicat' } })).status, 200);
  assert.ok(upstream.requests.every(({ body }) => !body.includes('auth')));
});
