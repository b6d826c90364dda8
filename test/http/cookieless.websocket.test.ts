import assert from 'node:assert/strict';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { CookielessPage, PAGE } from '../support/cookieless-page.ts';
import type { Running } from '../support/faces.ts';
import { openRaw } from '../support/raw-client.ts';
import { identityOf, inEveryFace, startSystem } from '../support/system.ts';
import { startUpstream } from '../support/upstream.ts';

/** An upstream that chooses the subprotocol `chat.v1` where it is offered, and none otherwise. */
const startChat = () =>
  startUpstream(undefined, (req, socket) => {
    const offered = req.headers['sec-websocket-protocol']?.includes('chat.v1') === true;
    const lines = ['Connection: Upgrade', 'Upgrade: websocket'];
    if (offered) lines.push('Sec-WebSocket-Protocol: chat.v1');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
  });

/** One handshake, byte for byte; the head of its answer. */
async function handshake({ url }: Pick<Running, 'url'>, path: string, lines: readonly string[]) {
  const { host, port } = new URL(url);
  const client = await openRaw(Number(port));
  const head = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...lines,
  ];
  client.write(`${head.join('\r\n')}\r\n\r\n`);
  const text = (await client.until('\r\n\r\n')).split('\r\n\r\n')[0]!;
  client.destroy();
  const chosen = [...text.matchAll(/^sec-websocket-protocol: (.*)$/gim)].map(([, value]) => value!.trim());
  return { status: Number(text.slice(9, 12)), chosen: chosen.length === 0 ? undefined : chosen.join() };
}

inEveryFace(
  'a WebSocket carries the token as a subprotocol, which the upstream never sees',
  async (t, face) => {
    const chat = await startChat();
    t.after(() => chat.stop());
    const system = await startSystem(t, { face, options: { upstream: { url: chat.url } } });
    const token = await new CookielessPage(system.url).token(system.browser());
    const bearer = `secure-chat.bearer.${token}`;
    const open = (...lines: string[]) =>
      handshake(system, '/queues/q_bank/ws', [`Origin: ${PAGE}`, ...lines]);
    const taken: [string[], string | undefined, string | undefined][] = [
      [[`Sec-WebSocket-Protocol: secure-chat, ${bearer}`], 'secure-chat', undefined],
      [[`Sec-WebSocket-Protocol: ${bearer},secure-chat`], 'secure-chat', undefined],
      [[`Sec-WebSocket-Protocol: secure-chat, ${bearer}, other, x`], 'secure-chat', 'other, x'],
      [[`Sec-WebSocket-Protocol: chat.v1, secure-chat, ${bearer}`], 'chat.v1', 'chat.v1'],
      [
        ['Sec-WebSocket-Protocol: chat.v1, secure-chat', `sec-websocket-protocol: ${bearer}`],
        'chat.v1',
        'chat.v1',
      ],
      [[`Authorization: Bearer ${token}`], undefined, undefined],
      [[`Authorization: bearer ${token}`, 'Sec-WebSocket-Protocol: chat.v1'], 'chat.v1', 'chat.v1'],
    ];
    for (const [lines, chosen, seen] of taken) {
      assert.deepEqual(await open(...lines), { status: 101, chosen }, lines.join());
      assert.equal(identityOf(chat)['x-secure-chat-id'], 'kari-sub');
      const { rawHeaders, headers } = chat.requests.at(-1)!;
      assert.doesNotMatch(rawHeaders.join('\n'), /scg_|bearer|authorization/i, lines.join());
      assert.equal(headers['sec-websocket-protocol'], seen);
    }
    const before = chat.requests.length;
    const refused = [
      [`Sec-WebSocket-Protocol: ${bearer}`],
      [`Sec-WebSocket-Protocol: secure-chat, secure-chat.bearer.scg_${'x'.repeat(43)}`],
      [`Sec-WebSocket-Protocol: secure-chat, ${bearer}x`],
      [`Sec-WebSocket-Protocol: secure-chat, ${bearer}, ${bearer}`],
      [`Sec-WebSocket-Protocol: secure-chat, ${bearer}`, `Authorization: Bearer ${token}`],
      [`Sec-WebSocket-Protocol: secure-chat, ${token}`],
      [`Authorization: Bearer ${token}`, `Authorization: Bearer ${token}`],
    ];
    for (const lines of refused) assert.equal((await open(...lines)).status, 401, lines.join());
    const offer = `Sec-WebSocket-Protocol: secure-chat, ${bearer}`;
    assert.equal((await handshake(system, '/queues/q_loan/ws', [offer])).status, 401, 'another queue');
    const foreign = ['Origin: https://evil.example', offer];
    assert.equal((await handshake(system, '/queues/q_bank/ws', foreign)).status, 401);
    const own = [`Origin: ${system.url}`, offer];
    assert.equal((await handshake(system, '/queues/q_bank/ws', own)).status, 401, 'not the login’s origin');
    assert.equal(chat.requests.length, before);
    assert.deepEqual(await handshake(system, '/queues/q_open/ws', [offer]), {
      status: 101,
      chosen: 'secure-chat',
    });
    assert.deepEqual(identityOf(chat), {});
    assert.doesNotMatch(chat.requests.at(-1)!.rawHeaders.join('\n'), /scg_/);
    const marker = await handshake(system, '/queues/q_open/ws', ['Sec-WebSocket-Protocol: secure-chat']);
    assert.deepEqual(marker, { status: 101, chosen: undefined });
    assert.equal(
      chat.requests.at(-1)!.headers['sec-websocket-protocol'],
      'secure-chat',
      'alone it is nobody’s',
    );
  },
);

inEveryFace(
  'a WebSocket client that insists on its subprotocol talks, until the page logs out',
  async (t, face) => {
    const { url, browser } = await startSystem(t, { face });
    const page = new CookielessPage(url);
    const token = await page.token(browser());
    const socket = new WebSocket(
      `${url.replace('http', 'ws')}/queues/q_bank/ws`,
      ['secure-chat', `secure-chat.bearer.${token}`],
      { origin: PAGE },
    );
    socket.on('error', () => {});
    await once(socket, 'open');
    assert.equal(socket.protocol, 'secure-chat');
    socket.send('hei');
    const [answer] = (await once(socket, 'message')) as [Buffer];
    assert.match(answer.toString(), /hei/);
    const closed = once(socket, 'close');
    assert.equal((await page.ask('/secure-chat/logout', { method: 'POST', token })).status, 204);
    await closed;
  },
);
