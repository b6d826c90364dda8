import { readFileSync } from 'node:fs';
import process from 'node:process';
import autocannon from 'autocannon';

/** The same report where there is no wrk. */
const { url, cookie, cookieFile, connections, seconds } = JSON.parse(process.argv[2]);
const cookies = cookieFile === undefined ? [cookie] : readFileSync(cookieFile, 'utf8').trim().split('\n');
const result = await autocannon({
  url,
  connections,
  duration: seconds,
  requests: cookies.map((line) => ({ headers: line === undefined ? {} : { cookie: line } })),
});
process.stdout.write(
  `${JSON.stringify({
    requests: result['2xx'],
    seconds: result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    failed: result.errors + result.timeouts + result.non2xx,
    closed: 0,
  })}\n`,
);
