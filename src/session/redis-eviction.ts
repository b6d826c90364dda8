import type { RedisLink } from './redis.ts';

/** The only policy by which a full Redis refuses a write rather than drop a record that is in use. */
export const KEEPS_ALL = 'noeviction';

/**
 * What Redis drops when it is full: its `maxmemory-policy`, as `noeviction` or `allkeys-lru`. From INFO, which managed services
 * permit where they forbid CONFIG. Undefined when neither may be asked: then nothing is known. Never rejects.
 */
export async function evictionPolicy({ run }: Pick<RedisLink, 'run'>): Promise<string | undefined> {
  const informed = await run((client) => client.info('memory')).catch(() => '');
  const [, policy] = /^maxmemory_policy:([\w-]+)/m.exec(informed) ?? [];
  if (policy !== undefined) return policy;
  const answer: unknown = await run((client) => client.config('GET', 'maxmemory-policy')).catch(
    () => undefined,
  );
  return Array.isArray(answer) && typeof answer[1] === 'string' ? answer[1] : undefined;
}
