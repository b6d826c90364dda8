import { test, type TestContext } from 'node:test';
import type { GatewayOptions } from '../../src/config/options.ts';
import type { LogFields, Logger } from '../../src/observe/logger.ts';
import { Browser } from './browser.ts';
import { faces, type Face, type Running } from './faces.ts';
import { startProvider, type Provider } from './provider.ts';
import { startUpstream, type Upstream, type UpstreamHandler } from './upstream.ts';

/** Provider, chat server and gateway, real and on loopback, for one test. */
export interface System {
  readonly provider: Provider;
  readonly upstream: Upstream;
  readonly gateway: Running;
  /** Address of the gateway without a trailing slash. */
  readonly url: string;
  readonly log: { fields: LogFields; message: string }[];
  /** A fresh browser that sends these headers with every request. */
  readonly browser: (headers?: Record<string, string>) => Browser;
}

export interface SystemOptions {
  readonly face?: Face;
  /** Laid over the one connection. */
  readonly connection?: Record<string, unknown>;
  /** Laid over the whole configuration. */
  readonly options?: Partial<GatewayOptions>;
  readonly upstream?: UpstreamHandler;
  /** Another provider than the one that is started here. */
  readonly provider?: Provider;
}

/** Test persons; the ids are public examples of Signicat's and Skatteverket's documents. */
export const kari = {
  sub: 'kari-sub',
  name: 'Kari Ødegård',
  given_name: 'Kari',
  family_name: 'Ødegård',
  birthdate: '1990-02-17',
  'signicat.national_id': '17029012345',
};
export const ola = {
  sub: 'ola-sub',
  name: 'Ola Nordmann',
  given_name: 'Ola',
  'signicat.national_id': '27034698436',
};

const MAPPING = {
  AuthProvider: { MapType: 'Variable', Description: 'Authentication' },
  AuthUserId: { MapType: 'ChatId', Description: 'Name' },
  national_id: { MapType: 'Variable', Description: 'Personnummer' },
  given_name: { MapType: 'NickName' },
  name: { MapType: 'Variable', Description: 'Name' },
  birthdate: { MapType: 'Variable', Description: 'Fødselsdato' },
} as const;

/** Starts everything; it stops with the test. */
export async function startSystem(t: TestContext, settings: SystemOptions = {}): Promise<System> {
  const provider = settings.provider ?? (await startProvider({ person: kari }));
  const upstream = await startUpstream(settings.upstream);
  const log: System['log'] = [];
  const keep = (fields: LogFields, message: string) => void log.push({ fields, message });
  const logger: Logger = { debug: keep, info: keep, warn: keep, error: keep };
  const options = (publicUrl: string): GatewayOptions => ({
    publicUrl,
    upstream: { url: upstream.url },
    sessionSecret: 'a secret for tests that is long enough',
    customers: [
      {
        customerKey: '12345',
        returnOrigins: ['https://www.bank.example'],
        connections: [connection(provider, settings.connection)],
        queues: [
          { queueKey: 'q_bank', authConnectionName: 'Signicat' },
          { queueKey: 'q_loan', authConnectionName: 'Signicat' },
          { queueKey: 'q_open' },
        ],
      },
    ],
    ...settings.options,
  });
  const starting = (settings.face ?? faces[0]!).start(options, logger);
  t.after(async () => {
    await (await starting.catch(() => undefined))?.stop();
    await upstream.stop();
    if (settings.provider === undefined) await provider.stop();
  });
  const gateway = await starting;
  return { provider, upstream, gateway, url: gateway.url, log, browser: (headers) => new Browser(headers) };
}

/** A connection at this provider, as a customer writes it. */
export function connection(provider: Provider, over: Record<string, unknown> = {}) {
  return {
    authConnectionName: 'Signicat',
    authClientId: 'portal',
    authClientSecret: 'portal-secret',
    authEndpoint: provider.issuer,
    authScope: 'openid profile signicat.national_id',
    authMapping: MAPPING,
    ...over,
  };
}

/** A customer with this connection, one page and one secure queue. */
export function customerWith(provider: Provider, customerKey: string, origin: string, queueKey: string) {
  return {
    customerKey,
    returnOrigins: [origin],
    connections: [connection(provider)],
    queues: [{ queueKey, authConnectionName: 'Signicat' }],
  };
}

/** The same behaviour in every face, each as a test of its own. */
export function inEveryFace(name: string, body: (t: TestContext, face: Face) => Promise<void>): void {
  for (const face of faces) test(`${name} (${face.name})`, (t) => body(t, face));
}

/** What the upstream got of ours in its last request. */
export function identityOf(upstream: Upstream): Record<string, string> {
  const { headers } = upstream.requests.at(-1)!;
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.startsWith('x-secure-chat-')),
  ) as Record<string, string>;
}
