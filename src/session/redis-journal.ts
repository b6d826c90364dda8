import type { Journal, JournalEntry } from './journal.ts';
import { lifeMs } from './life.ts';
import { PREFIX, type RedisLink } from './redis.ts';

const LOOK = `
return { redis.call('GET', KEYS[2]), redis.call('GET', KEYS[3]), redis.call('XLEN', KEYS[1]),
  redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', ARGV[1]) }`;

const APPEND = `
local head = redis.call('GET', KEYS[2]) or ''
if head ~= ARGV[1] then return head end
for i = 4, #ARGV, 3 do redis.call('XADD', KEYS[1], ARGV[i], 'p', ARGV[i + 1], 's', ARGV[i + 2]) end
redis.call('SET', KEYS[2], ARGV[2])
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ARGV[3]) end
return 1`;

const TRIM = `
if (redis.call('GET', KEYS[2]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2])
local life = redis.call('PTTL', KEYS[1])
if life > 0 then redis.call('PEXPIRE', KEYS[2], life) end
redis.call('XTRIM', KEYS[1], 'MINID', '=', ARGV[3])
return 1`;

/**
 * Journals as streams below `scg:audit:`, of fields `p` (hash of the entry before) and `s` (sealed). Their names hold no
 * HMAC, which would change with the seal keys: a journal outlives their rotation. All three keys end at one time.
 */
export function createRedisJournal({ run }: Pick<RedisLink, 'run'>): Journal {
  const stream = (name: string) => `${PREFIX}audit:${name}`;
  const head = (name: string) => `${PREFIX}audit-head:${name}`;
  const anchor = (name: string) => `${PREFIX}audit-anchor:${name}`;
  return {
    async look(name, count) {
      const keys = [stream(name), head(name), anchor(name)] as const;
      // COUNT 0 is all of them to Redis
      const answer = await run((client) => client.eval(LOOK, 3, ...keys, Math.max(1, count)));
      const [headText, anchorText, length, rows] = answer as [string | null, string | null, number, Row[]];
      return {
        head: headText ?? undefined,
        anchor: anchorText ?? undefined,
        length,
        first: rows.slice(0, count).map(entryOf),
      };
    },
    async append(name, { expected = '', head: next, entries, lifeMs: life }) {
      const fields = entries.flatMap(({ id, previous, sealed }) => [id, previous, sealed]);
      const answer = await run((client) =>
        client.eval(
          APPEND,
          3,
          stream(name),
          head(name),
          anchor(name),
          expected,
          next,
          lifeMs(life),
          ...fields,
        ),
      );
      return answer === 1 ? undefined : String(answer);
    },
    async trim(name, expected = '', next, from) {
      return (
        (await run((client) => client.eval(TRIM, 2, stream(name), anchor(name), expected, next, from))) === 1
      );
    },
    async after(name, id, count) {
      const start = id === undefined ? '-' : `(${id}`;
      return (await run((client) => client.xrange(stream(name), start, '+', 'COUNT', count))).map(entryOf);
    },
    async before(name, id, count) {
      const end = id === undefined ? '+' : `(${id}`;
      return (await run((client) => client.xrevrange(stream(name), end, '-', 'COUNT', count))).map(entryOf);
    },
  };
}

type Row = [id: string, fields: string[]];

/** Fields that somebody has added or taken away leave the entry unreadable, never the reader without an answer. */
function entryOf([id, [p, previous = '', s, sealed = '', ...more]]: Row): JournalEntry {
  const whole = p === 'p' && s === 's' && more.length === 0;
  return { id, previous: whole ? previous : '', sealed: whole ? sealed : '' };
}
