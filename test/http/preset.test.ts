import assert from 'node:assert/strict';
import { inEveryFace, startSystem } from '../support/system.ts';

inEveryFace(
  'preset puzzel-v1 finds the queue in the body that starts a chat, at any base path',
  async (t, face) => {
    const { url, upstream, browser } = await startSystem(t, { face, options: { preset: 'puzzel-v1' } });
    const start = async (path: string, queueKey: string) => {
      const body = JSON.stringify({ customerKey: '12345', queueKey, nickName: 'x' });
      return (
        await browser().fetch(url + path, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json' },
        })
      ).status;
    };
    assert.equal(await start('/chat/v1/sessions', 'q_open'), 200);
    assert.equal(upstream.requests.length, 1);
    assert.equal(await start('/chat/v1/sessions', 'Q_BANK'), 401);
    assert.equal(await start('/sessions/', 'q_bank'), 401);
    assert.equal(await start('/v1/sessions/12345-7/survey', 'q_bank'), 401);
    assert.equal(
      await start('/v1/sessions/12345-7/messages', 'q_bank'),
      200,
      'the chat of a message is not known yet',
    );
    assert.equal(upstream.requests.length, 2);
  },
);
