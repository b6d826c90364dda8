import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { redisMissing } from '../../test/support/redis.ts';
import { BenchError } from '../bench-error.ts';
import { measureCost } from '../measure.ts';
import { memoryBytes } from '../process-tree.ts';
import { median } from '../report/statistics.ts';
import { thousands } from '../report/table.ts';
import { gatewayOptions, redisUrlOf } from '../rows/gateway-options.ts';
import { startGateway } from '../rows/gateway.ts';
import { logIn } from '../rows/log-in.ts';
import { SECURE_PATH } from '../rows/row.ts';
import type { FigureKind } from './figure.ts';
import { seedSessions } from './seed-sessions.ts';

/** An hour of 1 000 requests a second, sent as fast as they are taken. */
const REQUESTS = 3_600_000;
const BUSY = 1000;
const SLICES = 30;

/** Memory under the load of an hour: it is flat when the last third needs no more than the one before. */
export const longLoad: FigureKind = {
  name: 'memory',
  missing: () => redisMissing || undefined,
  async run({ rig, generator, options, node }) {
    const child = await startGateway(rig, node, redisUrlOf(rig));
    try {
      const cookie = await logIn(child.port, SECURE_PATH);
      const settings = gatewayOptions(rig, child.port, redisUrlOf(rig));
      const cookies = await seedSessions(settings, cookie, BUSY);
      const cookieFile = join(rig.build.dist, 'cookies-long');
      writeFileSync(cookieFile, `${cookies.join('\n')}\n`, { mode: 0o600 });
      const row = { name: 'memory', identified: true, path: SECURE_PATH };
      const running = { child, cookie };
      const wanted = options.quick ? 60_000 : REQUESTS;
      const samples: { requests: number; bytes: number }[] = [];
      let requests = 0;
      let seconds = 1;
      while (requests < wanted) {
        const load = { seconds, connections: options.connections, cookieFile };
        const { report, requestsPerSecond } = await measureCost(rig, { row, running }, generator, load);
        requests += report.requests;
        samples.push({ requests, bytes: memoryBytes(child.pid) ?? NaN });
        seconds = Math.max(1, Math.round(wanted / SLICES / requestsPerSecond));
      }
      return [figure(samples, requests)];
    } finally {
      await child.stop();
    }
  },
};

function figure(samples: readonly { requests: number; bytes: number }[], requests: number) {
  const third = (from: number, to: number) => {
    const bytes = samples.filter((one) => one.requests > from * requests && one.requests <= to * requests);
    if (bytes.length === 0) throw new BenchError('memory: too few requests to say anything');
    return median(bytes.map((one) => one.bytes));
  };
  const middle = third(1 / 3, 2 / 3);
  const last = third(2 / 3, 1);
  const text = `${thousands(requests)} requests: ${Math.round(middle / 2 ** 20)} MB, then ${Math.round(last / 2 ** 20)} MB`;
  const values = { requests, middleBytes: middle, lastBytes: last, growth: last / middle };
  return { name: 'memory', title: 'memory under an hour of 1 000 requests/s', text, values };
}
