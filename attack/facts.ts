/** What the attacks know of the target. */
export interface Facts {
  /** Host name or address of the target without brackets, on loopback. */
  readonly hostname: string;
  readonly port: number;
  /** `http://host:port`, as a browser would send it in `Origin`. */
  readonly origin: string;
  /** Port of the upstream that this program plays. */
  readonly upstreamPort: number;
  /** Start of the names of identity headers, e.g. `X-Secure-Chat-`. */
  readonly prefix: string;
  /** A path that needs a verified person. */
  readonly securePath: string;
  /** A path that anybody may ask for. */
  readonly openPath: string;
  /** Cookie header of a browser that is logged in. */
  readonly cookie: string | undefined;
  /** Headers that the upstream has to get with that cookie on the secure path: name and exact value. */
  readonly expected: readonly (readonly [string, string])[];
  /** `name=value` of a query that names the secure queue on any path. */
  readonly secureQuery: string | undefined;
  /** Path to which the provider sends the browser back. */
  readonly callbackPath: string | undefined;
  /** Path and query that start a login. */
  readonly loginPath: string | undefined;
  /** Query parameter of `loginPath` that says where the browser goes after it. */
  readonly returnParameter: string | undefined;
  /** The target lets WebSocket upgrades through to the upstream. */
  readonly upgrades: boolean;
}

/** Facts that a class can need; without one it is skipped by name. */
export type Need = 'cookie' | 'expected' | 'secureQuery' | 'callbackPath' | 'loginPath' | 'upgrades';

/** The option that gives each of them. */
export const OPTION_OF: Readonly<Record<Need, string>> = {
  cookie: '--cookie',
  expected: '--expect-header',
  secureQuery: '--secure-query',
  callbackPath: '--callback-path',
  loginPath: '--login-path',
  upgrades: 'a target that passes upgrades on',
};

/** True when the facts hold what a class needs. */
export function has(facts: Facts, need: Need): boolean {
  const fact = facts[need];
  return Array.isArray(fact) ? fact.length > 0 : fact !== undefined && fact !== false;
}
