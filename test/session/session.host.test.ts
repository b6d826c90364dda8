import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { createMemoryState } from '../../src/session/memory.ts';
import { sessionsOn, start } from './session-rig.ts';

for (const host of ['mounted', 'given'] as const) {
  test(`in a host's session (${host}) the id is the host's, and there is no cookie of ours`, async (t) => {
    const { go, jar } = await start(t, { host });
    const { body, setCookie } = await go('/remember');
    assert.equal(setCookie.length, 1);
    assert.match(setCookie[0] ?? '', /^host\.sid=/);
    assert.deepEqual([...jar.keys()], ['host.sid']);
    const look = (await go('/look')).body;
    assert.equal(look['before'], body['before']);
    if (host === 'mounted') assert.equal(look['idOf'], body['before']);
  });

  test(`in a host's session (${host}) a new id keeps the host's data`, async (t) => {
    const { go, cookies } = await start(t, { host });
    await go('/basket');
    await go('/remember');
    const before = cookies();
    const { body } = await go('/regenerate');
    assert.notEqual(body['before'], body['after']);
    const look = (await go('/look')).body;
    assert.deepEqual([look['basket'], look['said']], [['shoes'], ['A', 'B']]);
    assert.deepEqual((await go('/look', { cookie: before })).body['said'], []);
  });

  test(`in a host's session (${host}) a logout takes our member, leaves the rest and changes the id`, async (t) => {
    const { go, cookies } = await start(t, { host });
    await go('/basket');
    await go('/remember');
    const before = cookies();
    const { setCookie } = await go('/destroy');
    assert.equal(setCookie.length, 1);
    assert.notEqual(cookies(), before);
    const look = (await go('/look')).body;
    assert.deepEqual([look['basket'], look['said'], look['hasMember']], [['shoes'], [], false]);
  });
}

test("a request without a cookie has no id, though the host's session handler made one up", async (t) => {
  const { go } = await start(t, { host: 'mounted' });
  assert.equal((await go('/id')).body['idOf'], null);
});

test("a host's session that is none of express-session is a TypeError with a sentence", async (t) => {
  const state = createMemoryState();
  t.after(() => state.close());
  const sessions = sessionsOn(state, {});
  const req = Object.assign(new IncomingMessage(new Socket()), { session: { user: 1 }, url: '/' });
  await assert.rejects(sessions.begin(req, new ServerResponse(req)), {
    name: 'TypeError',
    message: /needs express-session/,
  });
});
