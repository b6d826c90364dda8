import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { cgiEnvironment, cgiName, PREFIX } from './header-generators.ts';
import { startHeaderRig, type HeaderRig, type Seen } from './header-rig.ts';
import { startProvider } from './provider.ts';
import { connection, type SystemOptions } from './system.ts';

/** What the upstream is told of one person. */
export interface Told {
  readonly seen: Seen;
  /** `Cookie` of the browser that was verified. */
  readonly cookie: string;
  /** Names of the headers and their encoded values, without the prefix. */
  readonly raw: ReadonlyMap<string, string>;
  /** The value of `X-Secure-Chat-<suffix>`, decoded; undefined when there is no such header. */
  value(suffix: string): string | undefined;
  /** The values in `Variables`, by claim. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A system whose connection maps `sub` to ChatId, `nick` to NickName and these claims to variables. */
export interface ValueRig extends HeaderRig {
  tell(person: Record<string, unknown>): Promise<Told>;
}

/** Starts it; it stops with the test. */
export async function startValueRig(
  t: TestContext,
  claims: readonly string[],
  more: SystemOptions & { readonly over?: Record<string, unknown> } = {},
): Promise<ValueRig> {
  const { options, over, ...system } = more;
  const provider = await startProvider({ person: { sub: 'first' } });
  t.after(() => provider.stop());
  const mapped = claims.map((claim) => [claim, { MapType: 'Variable' }] as const);
  const authMapping = {
    ...Object.fromEntries(mapped),
    sub: { MapType: 'ChatId' },
    nick: { MapType: 'NickName' },
  };
  const customers = [
    {
      customerKey: '1',
      connections: [connection(provider, { authMapping, ...over })],
      queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }],
    },
  ];
  const rig = await startHeaderRig(t, { ...system, provider, options: { customers, ...options } });
  return {
    ...rig,
    async tell(person) {
      const cookie = await rig.verify(person);
      const { seen, status } = await rig.send({ path: '/queues/q_bank', headers: ['Cookie', cookie] });
      assert.deepEqual([status, seen.length], [200, 1]);
      return toldBy(seen[0]!, cookie);
    },
  };
}

function toldBy(seen: Seen, cookie: string): Told {
  const environment = cgiEnvironment(seen.rawHeaders);
  const start = cgiName(PREFIX);
  const ours = [...environment].filter(([name]) => name.startsWith(start));
  const raw = new Map(ours.map(([name, value]) => [name.slice(start.length), value]));
  const list = JSON.parse(raw.get('VARIABLES') ?? '[]') as { name: string; value: string }[];
  return {
    seen,
    cookie,
    raw,
    variables: Object.fromEntries(list.map(({ name, value }) => [name, value])),
    value(suffix) {
      const value = environment.get(cgiName(PREFIX + suffix));
      return value === undefined ? undefined : decodeURIComponent(value);
    },
  };
}
