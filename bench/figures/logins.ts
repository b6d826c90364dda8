import { redisMissing } from '../../test/support/redis.ts';
import { cpuSeconds } from '../process-tree.ts';
import { thousands } from '../report/table.ts';
import { redisUrlOf } from '../rows/gateway-options.ts';
import { startGateway } from '../rows/gateway.ts';
import { logIn } from '../rows/log-in.ts';
import { SECURE_PATH } from '../rows/row.ts';
import type { FigureKind } from './figure.ts';

/** Visitors that log in at the same time. */
const AT_ONCE = 16;

/**
 * Whole logins: from the page without a session through the provider and back, to the first answer of the secure queue.
 * Visitors and provider share one process here, so the rate is a lower bound; the CPU time is the gateway's own.
 */
export const logins: FigureKind = {
  name: 'logins',
  missing: () => redisMissing || undefined,
  async run({ rig, options, node }) {
    const child = await startGateway(rig, node, redisUrlOf(rig));
    try {
      const visit = async (until: number): Promise<number> => {
        let count = 0;
        for (; performance.now() < until; count++) await logIn(child.port, SECURE_PATH);
        return count;
      };
      const run = async (seconds: number) => {
        const until = performance.now() + seconds * 1000;
        const counts = await Promise.all(Array.from({ length: AT_ONCE }, () => visit(until)));
        return counts.reduce((sum, count) => sum + count, 0);
      };
      await run(options.quick ? 0.5 : 3);
      const before = cpuSeconds(child.pid);
      const begin = performance.now();
      const count = await run(options.seconds);
      const perSecond = (count * 1000) / (performance.now() - begin);
      const after = cpuSeconds(child.pid);
      const cpuMillis =
        before === undefined || after === undefined ? undefined : ((after - before) * 1000) / count;
      const cost = cpuMillis === undefined ? '' : `, ${cpuMillis.toFixed(2)} ms of the gateway's CPU each`;
      const values = { perSecond, ...(cpuMillis !== undefined && { cpuMillis }) };
      return [{ name: 'logins', title: 'logins', text: `${thousands(perSecond)}/s${cost}`, values }];
    } finally {
      await child.stop();
    }
  },
};
