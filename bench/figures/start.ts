import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { redisMissing } from '../../test/support/redis.ts';
import { BenchError } from '../bench-error.ts';
import { median } from '../report/statistics.ts';
import { redisUrlOf } from '../rows/gateway-options.ts';
import { startGateway } from '../rows/gateway.ts';
import type { FigureKind, FigureTools } from './figure.ts';

/** From the start of the process to the first 200 of /readyz, sessions in Redis. */
export const start: FigureKind = {
  name: 'start',
  missing: () => redisMissing || undefined,
  async run({ rig, options, node }) {
    const times: number[] = [];
    for (let i = 0; i < (options.quick ? 1 : 7); i++) times.push(await once({ rig, node }));
    const milliseconds = median(times);
    return [
      {
        name: 'start',
        title: 'start to ready',
        text: `${Math.round(milliseconds)} ms`,
        values: { milliseconds },
      },
    ];
  },
};

async function once({ rig, node }: Pick<FigureTools, 'rig' | 'node'>): Promise<number> {
  const begin = performance.now();
  const child = await startGateway(rig, node, redisUrlOf(rig));
  try {
    while (!(await isReady(child.port))) {
      if (performance.now() - begin > 20_000) throw new BenchError('the gateway does not get ready');
      await delay(2);
    }
    return performance.now() - begin;
  } finally {
    await child.stop();
  }
}

async function isReady(port: number): Promise<boolean> {
  const { statusCode, body } = await request(`http://127.0.0.1:${port}/secure-chat/readyz`, { reset: true });
  await body.dump();
  return statusCode === 200;
}
