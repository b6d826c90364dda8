import assert from 'node:assert/strict';
import { Redis } from 'ioredis';
import type { TestContext } from 'node:test';

/** Everything in a Redis, by key; what an operator, a backup or an intruder sees. */
export type Dump = ReadonlyMap<string, string>;

/** The hand of somebody inside the store. */
export interface StoreHand {
  readonly client: Redis;
  read(): Promise<Dump>;
  /** Replaces the whole content; each record lives ten minutes. */
  write(dump: Dump): Promise<void>;
}

/** Opens a connection of its own to a Redis; it ends with the test. */
export function reachInto(t: TestContext, url: string): StoreHand {
  const client = new Redis(url);
  client.on('error', () => undefined);
  t.after(() => {
    client.disconnect();
  });
  return {
    client,
    async read() {
      const keys = (await client.keys('*')).sort();
      const values = keys.length === 0 ? [] : await client.mget(keys);
      return new Map(
        keys.flatMap((key, index) => (typeof values[index] === 'string' ? [[key, values[index]]] : [])),
      );
    },
    async write(dump) {
      const pipeline = client.pipeline().flushall();
      for (const [key, value] of dump) pipeline.set(key, value, 'PX', 600_000);
      await pipeline.exec();
    },
  };
}

/** What a record is, as its name says: `identity` of `scg:identity:...`. */
export function kindOf(key: string): string {
  return key.split(':')[1] ?? '';
}

/** All keys and values of a Redis, as they lie there; each of them has an end. */
export async function everythingIn(url: string): Promise<string> {
  const client = new Redis(url);
  const parts: string[] = [];
  for await (const keys of client.scanStream()) {
    for (const key of keys as string[]) {
      assert.ok((await client.pttl(key)) > 0, `${key} would stay for ever`);
      const isStream = (await client.type(key)) === 'stream';
      const value = isStream ? JSON.stringify(await client.xrange(key, '-', '+')) : await client.get(key);
      parts.push(key, value ?? '');
    }
  }
  await client.quit();
  assert.ok(parts.length > 0);
  return parts.join('\n');
}
