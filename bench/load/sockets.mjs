import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import process from 'node:process';

/**
 * Opens WebSockets and says `{"open":N}`. With `seconds`, each then sends a message of 64 bytes as soon as the one before
 * has come back, for so long, and the report is `{"open":N,"messages":M,"seconds":S}`; without, they stay until the input ends.
 */
const { port, path, cookie, count, seconds } = JSON.parse(process.argv[2]);
const AT_ONCE = 100;
const MESSAGE = Buffer.concat([Buffer.from([0x81, 0x80 | 64]), randomBytes(4), Buffer.alloc(64, 'm')]);
const ECHO_BYTES = 66;
const sockets = [];
let messages = 0;
let talking = false;

function open() {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let got = 0;
    let head = '';
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n${cookie === undefined ? '' : `Cookie: ${cookie}\r\n`}\r\n`,
    );
    socket.on('data', (chunk) => {
      if (head !== 'done') {
        head += chunk.latin1Slice();
        if (!head.includes('\r\n\r\n')) return;
        if (!head.startsWith('HTTP/1.1 101 ')) reject(new Error(head.split('\r\n')[0]));
        head = 'done';
        resolve(socket);
        return;
      }
      got += chunk.length;
      while (got >= ECHO_BYTES) {
        got -= ECHO_BYTES;
        messages++;
        if (talking) socket.write(MESSAGE);
      }
    });
    socket.once('error', reject);
    socket.once('close', () => {
      reject(new Error('closed'));
      if (!ended) process.exit(1);
    });
  });
}

let ended = false;
while (sockets.length < count) {
  const some = Array.from({ length: Math.min(AT_ONCE, count - sockets.length) }, open);
  sockets.push(...(await Promise.all(some)));
}
if (seconds === undefined) {
  process.stdout.write(`${JSON.stringify({ open: sockets.length })}\n`);
  process.stdin.resume().once('end', () => process.exit(0));
} else {
  const start = performance.now();
  talking = true;
  for (const socket of sockets) socket.write(MESSAGE);
  setTimeout(() => {
    ended = true;
    const report = { open: sockets.length, messages, seconds: (performance.now() - start) / 1000 };
    process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
  }, seconds * 1000);
}
