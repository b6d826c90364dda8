import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '../support/problem-code.ts';
import { inEveryFace, startSystem } from '../support/system.ts';
import { ADMIN_TOKEN, startAdministered, TOKEN_HASHES, VIEWER_TOKEN } from './rig.ts';

const ME = '/secure-chat/admin/api/v1/me';

inEveryFace('a token of the configuration signs in, with its role', async (t, face) => {
  const { url, browser, log } = await startAdministered(t, { face });
  for (const [token, name, role] of [
    [ADMIN_TOKEN, 'anna', 'administrator'],
    [VIEWER_TOKEN, 'viggo', 'viewer'],
  ] as const) {
    const answer = await browser({ authorization: `Bearer ${token}` }).fetch(url + ME);
    assert.equal(answer.status, 200, answer.body);
    assert.deepEqual(JSON.parse(answer.body), { name, role, how: 'token' });
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.equal(answer.headers.get('set-cookie'), null);
  }
  assert.doesNotMatch(JSON.stringify(log), /adm_tests/);
});

inEveryFace('without a right token there is 401, as a problem for browsers too', async (t, face) => {
  const { url, browser } = await startAdministered(t, { face });
  for (const authorization of [
    undefined,
    'Bearer',
    `Bearer ${ADMIN_TOKEN}x`,
    `Bearer ${TOKEN_HASHES[0]!}`,
    `Basic ${Buffer.from(`anna:${ADMIN_TOKEN}`).toString('base64')}`,
  ]) {
    const answer = await browser({
      ...(authorization === undefined ? {} : { authorization }),
      accept: 'text/html',
      'sec-fetch-mode': 'navigate',
    }).fetch(url + ME);
    assert.deepEqual([answer.status, codeOf(answer)], [401, 'login_required'], authorization);
  }
});

inEveryFace('where nobody can sign in, all of /admin is 404', async (t, face) => {
  const { url, browser } = await startSystem(t, { face });
  for (const path of ['', '/', '/api', '/api/v1/me', '/api/openapi.json', '/login'])
    assert.equal(
      (await browser({ authorization: `Bearer ${ADMIN_TOKEN}` }).fetch(`${url}/secure-chat/admin${path}`))
        .status,
      404,
      path,
    );
});

test('guessing ends in 429, and who is signed in goes on', async (t) => {
  const { url, browser } = await startAdministered(t);
  const ask = async (token: string) =>
    codeOf(await browser({ authorization: `Bearer ${token}` }).fetch(url + ME));
  assert.equal(await ask(ADMIN_TOKEN), '200');
  for (let guess = 0; guess < 10; guess += 1)
    assert.equal(await ask(`adm_a-wrong-guess-of-some-length-${guess}`), 'login_required');
  assert.equal(await ask('adm_a-wrong-guess-of-some-length-more'), 'rate_limited');
  assert.equal(await ask(VIEWER_TOKEN), 'rate_limited', 'not even a right one is told from a wrong one');
  assert.equal(await ask(ADMIN_TOKEN), '200');
});
