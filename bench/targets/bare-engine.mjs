import { createServer } from 'node:http';
import process from 'node:process';
import { Pool } from 'undici';

/** The limit of the engine: undici's dispatch on node:http, a filter of hop-by-hop headers, and nothing else but the headers that it is told to add. */
const { port, upstream, headers: identity = [] } = JSON.parse(process.env.BENCH_SETTINGS);
// a profile is written at an orderly end only
process.once('SIGTERM', () => process.exit(0));
const { origin, host } = new URL(upstream);
const pool = new Pool(origin, { pipelining: 1 });
const HOP_BY_HOP = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const DROPPED = new Set([...HOP_BY_HOP, 'host', 'expect', 'cookie']);

createServer((req, res) => {
  const headers = ['Host', host];
  const { rawHeaders } = req;
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (!DROPPED.has(rawHeaders[i].toLowerCase())) headers.push(rawHeaders[i], rawHeaders[i + 1]);
  headers.push(...identity);
  pool.dispatch({ path: req.url, method: req.method, headers, body: null }, new Answer(res));
}).listen(port, '127.0.0.1', 4096);

class Answer {
  constructor(res) {
    this.res = res;
  }

  onConnect() {}

  onHeaders(status, rawHeaders, resume) {
    const headers = [];
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const name = rawHeaders[i].latin1Slice();
      const lower = name.toLowerCase();
      if (lower === 'content-length' || !HOP_BY_HOP.has(lower))
        headers.push(name, rawHeaders[i + 1].latin1Slice());
    }
    this.res.on('drain', resume);
    this.res.writeHead(status, headers);
    return true;
  }

  onData(chunk) {
    return this.res.write(chunk);
  }

  onComplete() {
    this.res.end();
  }

  onError() {
    this.res.destroy();
  }
}
