import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { randomBytes } from 'node:crypto';
import type { Connection, GatewayConfig } from '../../src/config/gateway-config.ts';
import { isGatewayError, type ProblemCode } from '../../src/errors.ts';
import { describeError, type Logger, type LogFields } from '../../src/observe/logger.ts';
import { createLogins, type LoginOutcome, type Logins, type LoginStart } from '../../src/oidc/logins.ts';
import { createMemoryState } from '../../src/session/memory.ts';
import { createSealer, type Sealer } from '../../src/session/seal.ts';
import type { StateStore } from '../../src/session/state-store.ts';
import { startProvider, type Behaviour, type Provider, type ProviderOptions } from '../support/provider.ts';

export const PERSON = { sub: 'sub-anna', name: 'Anna Ødegård', 'signicat.national_id': '17029012345' };

/** A connection to `issuer`, as the configuration would make it. */
export function connectionTo(issuer: string, changes: Partial<Connection> = {}): Connection {
  return {
    id: '["12345","Signicat"]',
    customerKey: '12345',
    name: 'Signicat',
    clientId: 'portal',
    clientSecret: 'portal-secret',
    endpoint: issuer,
    overrides: {},
    scope: 'openid profile signicat.national_id',
    acrValues: undefined,
    tokenAuthMethod: 'client_secret_basic',
    prompt: 'none',
    codeRedemption: 'queue-entry',
    mapping: [],
    maskedClaims: [],
    pseudonymizedClaims: [],
    decryptionKeys: [],
    requestSigningKey: undefined,
    pushedRequests: false,
    clockToleranceSeconds: 120,
    ...changes,
  };
}

export interface Rig {
  readonly provider: Provider;
  readonly connection: Connection;
  readonly logins: Logins;
  readonly store: StateStore;
  readonly sealer: Sealer;
  readonly logs: { level: string; fields: LogFields; message: string }[];
  start(login?: Partial<LoginStart>, cookies?: string): ReturnType<Logins['start']>;
  /** start, provider, callback: what `finish` makes of it. */
  login(login?: Partial<LoginStart>): Promise<LoginOutcome>;
  /** The query with which the provider sends the browser back. */
  answerTo(location: string): Promise<string>;
  /** A login, redeemed. */
  redeem(): ReturnType<Logins['redeem']>;
}

export interface RigOptions {
  readonly provider?: ProviderOptions;
  readonly connection?: (provider: Provider) => Partial<Connection>;
  /** More connections of the same customer. */
  readonly more?: (provider: Provider) => Connection[];
  readonly timeoutMs?: number;
}

/** Provider, store and logins, closed when the test ends. */
export async function makeRig(
  t: { after(end: () => Promise<void>): void },
  options: RigOptions = {},
): Promise<Rig> {
  const provider = await startProvider({ person: PERSON, ...options.provider });
  const connection = connectionTo(provider.issuer, options.connection?.(provider));
  const connections = [connection, ...(options.more?.(provider) ?? [])];
  const store = createMemoryState();
  const sealer = createSealer([randomBytes(32)]);
  const logs: Rig['logs'] = [];
  const config = {
    publicUrl: 'https://chat.example.no',
    publicOrigin: 'https://chat.example.no',
    routePrefix: '/secure-chat',
    secureCookies: true,
    providerTimeoutMs: options.timeoutMs ?? 8000,
    customers: [{ customerKey: '12345', returnOrigins: [], connections, queues: [] }],
  } as unknown as GatewayConfig;
  const logins = createLogins({ config, store, sealer, logger: recorder(logs) });
  t.after(async () => {
    await Promise.all([logins.close(), provider.stop(), store.close()]);
  });

  const start: Rig['start'] = (login = {}, cookies) =>
    logins.start(
      { cookieHeader: cookies },
      {
        connection,
        queue: { customerKey: '12345', queueKey: 'q_bank', connection, requiredAcrValues: [] },
        returnTo: new URL('https://chat.example.no/chat?x=1'),
        display: 'page',
        interactive: false,
        retry: false,
        ...login,
      },
    );
  const login: Rig['login'] = async (how) => {
    const { location, setCookies } = await start(how);
    return await logins.finish({ rawQuery: await answerTo(location), cookieHeader: cookiesOf(setCookies) });
  };
  const redeem: Rig['redeem'] = async () => {
    const outcome = await login();
    if (outcome.kind !== 'code') throw new TypeError(`the login ended in ${outcome.kind}`);
    return await logins.redeem(connection, outcome.waiting, soon());
  };
  return { provider, connection, logins, store, sealer, logs, start, login, answerTo, redeem };
}

/** A deadline that no test reaches. */
export function soon(ms = 10_000): number {
  return performance.now() + ms;
}

/** What a browser sends back of these `Set-Cookie` lines. */
export function cookiesOf(setCookies: readonly string[]): string {
  return setCookies
    .filter((line) => !line.includes('Max-Age=0'))
    .map((line) => line.split(';', 1)[0])
    .join('; ');
}

async function answerTo(location: string): Promise<string> {
  const answer = await fetch(location, { redirect: 'manual' });
  const back = answer.headers.get('location');
  if (back === null) throw new TypeError(`the provider answered ${answer.status}`);
  return new URL(back).search.slice(1);
}

function recorder(logs: Rig['logs']): Logger {
  const at =
    (level: string) =>
    (fields: LogFields, message: string): void => {
      logs.push({ level, fields, message });
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Redemption under this behaviour fails with `code`, and the failure tells nothing. */
export async function refused(
  rig: Rig,
  behaviour: Behaviour,
  code: ProblemCode,
  notSent?: boolean,
): Promise<void> {
  const outcome = await rig.login();
  assert.equal(outcome.kind, 'code');
  rig.provider.behave(behaviour);
  const { waiting } = outcome;
  await assert.rejects(rig.logins.redeem(rig.connection, waiting, soon()), (error) => {
    assert.ok(isGatewayError(error), String(error));
    assert.equal(error.code, code, `${error.code}: ${error.message}`);
    if (notSent !== undefined) assert.equal('notSent' in error && error.notSent, notSent);
    for (const secret of [
      waiting.code,
      waiting.codeVerifier!,
      waiting.nonce!,
      'portal-secret',
      PERSON.sub,
      '17029012345',
    ]) {
      assert.ok(!error.message.includes(secret) && !describeError(error).includes(secret));
    }
    return true;
  });
  rig.provider.behave({});
}
