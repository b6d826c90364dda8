import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import process from 'node:process';

/**
 * The open loop: a request every 1/rate seconds, whatever became of those before, on a connection that is free or a new
 * one. Each latency counts from the moment at which the request was due, so that a stall is paid by every request that it
 * held up (no coordinated omission). It spins in place of sleeping: a timer of one millisecond would be the largest part
 * of what is measured.
 */
const { port, path, cookie, rate, seconds, warmSeconds } = JSON.parse(process.argv[2]);
const MOST_CONNECTIONS = 2000;
const REQUEST = Buffer.from(
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${cookie === undefined ? '' : `Cookie: ${cookie}\r\n`}\r\n`,
  'latin1',
);
const warm = Math.round(rate * warmSeconds);
const total = warm + Math.round(rate * seconds);
const latencies = new Float64Array(total);
const free = [];
let connections = 0;
let sent = 0;
let answered = 0;
let failed = 0;

function send(due, index) {
  const one = free.pop() ?? open();
  if (one === undefined) {
    lose();
    return;
  }
  one.due = due;
  one.index = index;
  one.waiting = true;
  one.socket.write(REQUEST);
}

function open() {
  if (connections >= MOST_CONNECTIONS) return undefined;
  connections++;
  const one = {
    socket: connect({ port, host: '127.0.0.1', noDelay: true }),
    due: 0,
    index: 0,
    waiting: false,
    text: '',
  };
  one.socket.on('data', (chunk) => {
    one.text += chunk.latin1Slice();
    const end = one.text.indexOf('\r\n\r\n');
    if (end === -1) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(one.text)?.[1];
    if (length === undefined || !one.text.startsWith('HTTP/1.1 200 ')) {
      one.socket.destroy();
      return;
    }
    if (one.text.length < end + 4 + Number(length)) return;
    latencies[one.index] = performance.now() - one.due;
    answered++;
    one.waiting = false;
    one.text = '';
    free.push(one);
  });
  one.socket.on('error', () => undefined);
  one.socket.on('close', () => {
    connections--;
    const at = free.indexOf(one);
    if (at !== -1) free.splice(at, 1);
    if (one.waiting) lose();
  });
  return one;
}

function lose() {
  failed++;
}

const start = performance.now() + 50;
const end = start + (total / rate) * 1000 + 5000;

function tick() {
  const now = performance.now();
  while (sent < total) {
    const due = start + (sent / rate) * 1000;
    if (due > now) break;
    send(due, sent++);
  }
  if (answered + failed < total && now < end) setImmediate(tick);
  else finish();
}

function finish() {
  failed += total - answered - failed;
  const sorted = latencies.slice(warm).sort();
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  const report = {
    requests: total,
    failed,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    p999Ms: at(0.999),
    maxMs: at(1),
  };
  process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
}

tick();
