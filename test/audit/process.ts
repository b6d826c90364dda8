/** A process that appends entries to the record in the Redis of its first argument, sealed with the key of its second. */
import { setTimeout as delay } from 'node:timers/promises';
import { createAudit } from '../../src/audit/audit.ts';
import { createRedisJournal } from '../../src/session/redis-journal.ts';
import { connectRedis } from '../../src/session/redis.ts';
import { createSealer } from '../../src/session/seal.ts';
import { silent } from '../support/faces.ts';

const [url = '', key = '', name = '', count = '0'] = process.argv.slice(2);
const link = connectRedis({ url, tlsRejectUnauthorized: true }, silent);
const audit = createAudit({
  journal: createRedisJournal(link),
  sealer: createSealer([Buffer.from(key, 'base64')]),
  caps: { maxEntries: 100_000, maxDays: 90 },
  writeLine: undefined,
  logger: silent,
});
for (let i = 0; i < Number(count); i++) {
  audit.record({ kind: 'code_redeemed', queue: `${name}${i}` });
  // in many batches, so that the processes meet
  if (i % 20 === 0) await delay(1);
  if (i % 50 === 0) void audit.settle();
}
await audit.settle();
await audit.close();
await link.close();
