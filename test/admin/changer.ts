/** A process that changes two queues at once, again and again, until it is killed: `node changer.ts <redis url>`. */
import { connectRedis, createRedisState } from '../../src/session/redis.ts';
import { silentLogger } from '../session/loggers.ts';
import { insist, startDesk } from './rig.ts';

const url = process.argv[2]!;
const state = createRedisState(connectRedis({ url, tlsRejectUnauthorized: true }, silentLogger));
const { administration } = startDesk(state);
for (let round = 0; ; round += 1) {
  const authConnectionName = round % 2 === 0 ? 'Signicat' : 'Other';
  const both = ['q_left', 'q_right'].map((queueKey) => ({
    kind: 'queue.secure' as const,
    customerKey: '12345',
    queueKey,
    authConnectionName,
  }));
  await insist(administration, ...both);
  if (round === 0) process.stdout.write('changing\n');
}
