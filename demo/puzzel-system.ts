import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { GatewayOptions } from '../src/index.ts';
import { createAgentDesk } from './agent-desk/desk.ts';
import { AUTH_MAPPING } from './gateway-options.ts';
import { QUEUES } from './portal/snippets.ts';
import { closeServer, HOST, type Reserved, reservePort } from './ports.ts';
import { createHelpCentre } from './puzzel-page/help-centre.ts';
import type { PuzzelSettings } from './puzzel-page/settings.ts';
import { puzzelDeskChats } from './puzzel-server/desk-chats.ts';
import { createPuzzelServer, type PuzzelServer } from './puzzel-server/server.ts';
import type { SandboxClient } from './sandbox-provider/configuration.ts';
import type { DemoGateway } from './system.ts';

/** The parts around a page that was written for Puzzel, and the ports that they would like. */
export const PUZZEL_PORTS = {
  helpCentre: 4410,
  puzzelGateway: 4411,
  puzzelServer: 4412,
  puzzelDesk: 4413,
} as const;

/** Name of one of these parts. */
export type PuzzelPart = keyof typeof PUZZEL_PORTS;

/** Base path of Chat API v1, at the vendor and at the gateway. */
export const CHAT_API = '/chat/v1';

/** The vendor's number of the bank. */
export const CUSTOMER_KEY = '12345';

const CLIENT_ID = 'puzzelchatsso';

/** How this half of the demo is to be. */
export interface PuzzelWishes {
  readonly anyPort: boolean;
  /** Names in the addresses, all of them loopback's. */
  readonly hosts?: Partial<Readonly<Record<PuzzelPart, string>>> | undefined;
  /** Whether the page's requests to another origin carry its cookies; default `same-origin`: they do not. */
  readonly credentials?: 'same-origin' | 'include' | undefined;
  /** True lets the canned agent act at once; default false: like somebody who types. */
  readonly hasty?: boolean | undefined;
}

/** What it needs of the rest of the demo. */
export interface PuzzelSurroundings {
  readonly createGateway: (options: GatewayOptions) => DemoGateway;
  readonly issuer: string;
  readonly portal: string;
  readonly redisUrl: string | undefined;
}

/** This half of the demo, running. */
export interface PuzzelSystem {
  readonly server: PuzzelServer;
  /** What the page says of its chat. */
  readonly settings: PuzzelSettings;
  close(): Promise<void>;
}

/** Ports that stand, before anything answers there. */
export interface ReservedPuzzel {
  readonly parts: Readonly<Record<PuzzelPart, Reserved>>;
  /** How the provider knows this half's gateway. */
  readonly client: SandboxClient;
  start(around: PuzzelSurroundings): Promise<PuzzelSystem>;
}

async function reserveAll({ anyPort, hosts = {} }: PuzzelWishes): Promise<Record<PuzzelPart, Reserved>> {
  const reserve = (name: PuzzelPart) =>
    reservePort({ name, port: anyPort ? 0 : PUZZEL_PORTS[name], host: hosts[name] });
  return {
    helpCentre: await reserve('helpCentre'),
    puzzelGateway: await reserve('puzzelGateway'),
    puzzelServer: await reserve('puzzelServer'),
    puzzelDesk: await reserve('puzzelDesk'),
  };
}

function gatewayOptions(
  { helpCentre, puzzelGateway, puzzelServer }: ReservedPuzzel['parts'],
  { issuer, redisUrl }: PuzzelSurroundings,
  clientSecret: string,
): GatewayOptions {
  return {
    publicUrl: puzzelGateway.origin,
    upstream: { url: `http://${HOST}:${puzzelServer.port}` },
    preset: 'puzzel-v1',
    sessionSecret: randomBytes(32).toString('base64url'),
    // the other gateway of the demo may stand on the same host
    session: { cookieName: 'secure-chat-puzzel' },
    logLevel: 'error',
    ...(redisUrl !== undefined && { redisUrl }),
    customers: [
      {
        customerKey: CUSTOMER_KEY,
        returnOrigins: [helpCentre.origin],
        connections: [
          {
            authConnectionName: 'Signicat',
            authClientId: CLIENT_ID,
            authEndpoint: issuer,
            authClientSecret: clientSecret,
            authScope: 'openid profile signicat.national_id',
            authMapping: AUTH_MAPPING,
          },
        ],
        queues: [{ queueKey: QUEUES.secure, authConnectionName: 'Signicat' }, { queueKey: QUEUES.open }],
      },
    ],
  };
}

/** Takes the ports of the fake Puzzel server, its agent's view, the gateway in front of it, and the customer's page. */
export async function reservePuzzel(wishes: PuzzelWishes): Promise<ReservedPuzzel> {
  const parts = await reserveAll(wishes);
  const { helpCentre, puzzelGateway, puzzelServer, puzzelDesk } = parts;
  const clientSecret = randomBytes(32).toString('base64url');
  return {
    parts,
    client: {
      clientId: CLIENT_ID,
      clientName: 'Fjordbank chat',
      clientSecret,
      redirectUri: `${puzzelGateway.origin}${CHAT_API}/auth/redirect`,
      otherRedirectUri: `${puzzelGateway.origin}/secure-chat/callback`,
    },
    async start(around) {
      const settings: PuzzelSettings = {
        customerKey: CUSTOMER_KEY,
        queueKey: QUEUES.secure,
        authConnectionName: 'Signicat',
        authClientId: CLIENT_ID,
        authEndpoint: around.issuer,
        authMapping: AUTH_MAPPING,
      };
      const server = createPuzzelServer(
        wishes.hasty === true
          ? { joinsAfterMs: 0, answersAfterMs: 0 }
          : { joinsAfterMs: 4000, answersAfterMs: 1500 },
      );
      puzzelServer.answerWith(server.listener);
      helpCentre.answerWith(
        createHelpCentre({
          settings,
          api: `${puzzelGateway.origin}${CHAT_API}`,
          credentials: wishes.credentials ?? 'same-origin',
          portal: around.portal,
          desk: puzzelDesk.origin,
        }),
      );
      puzzelDesk.answerWith(
        createAgentDesk(puzzelDeskChats(server), {
          title: 'Puzzel agent’s view',
          site: helpCentre.origin,
          siteName: 'the help centre',
        }),
      );
      const app = around.createGateway(gatewayOptions(parts, around, clientSecret));
      await closeServer(puzzelGateway.server);
      await once(app.listen(puzzelGateway.port, HOST), 'listening');
      await app.ready();
      return {
        server,
        settings,
        async close() {
          await app.close(1000);
          await Promise.all([helpCentre, puzzelServer, puzzelDesk].map((part) => closeServer(part.server)));
        },
      };
    },
  };
}
