import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import process from 'node:process';

/**
 * The upstream of all rows: answers every GET with the same 200, as cheaply as Node can, and counts how many requests came
 * and how many of them carried the identity header. `GET /bench-counts` tells the counts. WebSockets get back what they send.
 */
const { port, identity } = JSON.parse(process.env.BENCH_SETTINGS);
const MARK = `\r\nx-secure-chat-id: ${identity}\r\n`.toLowerCase();
const BODY = JSON.stringify({
  messages: [{ from: 'agent', text: 'Hello, how can I help you today?', id: 4711 }],
});
const ANSWER = Buffer.from(answer(BODY), 'latin1');
const counts = { requests: 0, identified: 0, upgrades: 0 };

createServer({ noDelay: true }, (socket) => {
  let rest;
  let tunnel = false;
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    rest = undefined;
    let at = 0;
    while (at < bytes.length && !tunnel) {
      const end = bytes.indexOf('\r\n\r\n', at);
      if (end === -1) break;
      tunnel = receive(socket, bytes.latin1Slice(at, end + 2));
      at = end + 4;
    }
    if (tunnel) at += echo(socket, bytes.subarray(at));
    if (at < bytes.length) rest = bytes.subarray(at);
  });
}).listen(port, '127.0.0.1', 4096);

function receive(socket, head) {
  if (head.startsWith('GET /bench-counts ')) {
    socket.write(answer(JSON.stringify(counts)));
    return false;
  }
  const lower = head.toLowerCase();
  const key = lower.includes('\r\nupgrade: websocket') && /sec-websocket-key: *(\S+)/i.exec(head)?.[1];
  if (lower.includes(MARK)) counts.identified++;
  if (!key) {
    counts.requests++;
    socket.write(ANSWER);
    return false;
  }
  counts.upgrades++;
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  return true;
}

/** Whole masked frames of less than 126 bytes, back without their mask (RFC 6455, 5.3). Returns the bytes it has read. */
function echo(socket, bytes) {
  let at = 0;
  while (at + 6 <= bytes.length) {
    const length = bytes[at + 1] & 127;
    if (at + 6 + length > bytes.length) break;
    const frame = Buffer.allocUnsafe(2 + length);
    frame[0] = bytes[at];
    frame[1] = length;
    for (let i = 0; i < length; i++) frame[2 + i] = bytes[at + 6 + i] ^ bytes[at + 2 + (i & 3)];
    socket.write(frame);
    at += 6 + length;
  }
  return at;
}

function answer(body) {
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
