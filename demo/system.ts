import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { hashAdminToken, newAdminToken } from '../src/admin/hash-admin-token.ts';
import type { GatewayOptions } from '../src/index.ts';
import { createAgentDesk } from './agent-desk/desk.ts';
import { legacyDeskChats } from './agent-desk/desk-chats.ts';
import { type ChatServer, createChatServer } from './chat-server/server.ts';
import { gatewayOptions } from './gateway-options.ts';
import { createPortal, portalRedirectUri } from './portal/portal.ts';
import { closeServer, HOST, type Reserved, reservePort } from './ports.ts';
import {
  PUZZEL_PORTS,
  type PuzzelPart,
  type PuzzelSystem,
  type PuzzelWishes,
  reservePuzzel,
} from './puzzel-system.ts';
import { createSandboxProvider } from './sandbox-provider/provider.ts';

/** The parts of the demo and the ports that they would like. */
export const PORTS = {
  portal: 4400,
  gateway: 4401,
  provider: 4402,
  chatServer: 4403,
  desk: 4404,
  ...PUZZEL_PORTS,
} as const;

/** Name of a part of the demo. */
export type Part = keyof typeof PORTS;

type OwnPart = Exclude<Part, PuzzelPart>;

/** The part of a gateway that the demo needs. */
export interface DemoGateway {
  listen(port: number, host: string): Server;
  ready(): Promise<void>;
  close(graceMs?: number): Promise<void>;
}

/** How to start the demo. */
export interface SystemOptions {
  /** Makes the gateway under demonstration: `createGateway` of this package, or what a test puts in its place. */
  readonly createGateway: (options: GatewayOptions) => DemoGateway;
  /** True takes any free port everywhere, so that several can run at once. */
  readonly anyPort?: boolean;
  /** Names in the addresses, all of them loopback's; a part without one is at `localhost`, on one site with the others. */
  readonly hosts?: Partial<Readonly<Record<Part, string>>>;
  /** Address of a Redis for the gateway's state; undefined keeps it in memory. */
  readonly redisUrl?: string | undefined;
  /** How the half around the vendor's own protocol is to be. */
  readonly puzzel?: Pick<PuzzelWishes, 'credentials' | 'hasty'>;
}

/** The running demo. */
export interface DemoSystem {
  /** Origin of each part. */
  readonly origins: Readonly<Record<Part, string>>;
  /** Parts whose wished port was taken. */
  readonly moved: readonly Part[];
  /** What the chat server has received, and its conversations. */
  readonly chatServer: ChatServer;
  /** Signs in to the administration of the gateway, at `/secure-chat/admin`; made anew at each start. */
  readonly adminToken: string;
  /** The half around the vendor's own protocol. */
  readonly puzzel: PuzzelSystem;
  /** Drains the gateway, then closes everything. */
  close(): Promise<void>;
}

const CLIENT_IDS = { portal: 'bank-portal', chat: 'puzzelchatssodev' } as const;

async function reserveAll(
  anyPort: boolean,
  hosts: SystemOptions['hosts'] = {},
): Promise<Record<OwnPart, Reserved>> {
  const reserve = (name: OwnPart) =>
    reservePort({ name, port: anyPort ? 0 : PORTS[name], host: hosts[name] });
  return {
    portal: await reserve('portal'),
    gateway: await reserve('gateway'),
    provider: await reserve('provider'),
    chatServer: await reserve('chatServer'),
    desk: await reserve('desk'),
  };
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

/** Starts provider, chat servers, sites, agents' desks and gateways on loopback. */
export async function startSystem(options: SystemOptions): Promise<DemoSystem> {
  const { createGateway, anyPort = false, redisUrl } = options;
  const own = await reserveAll(anyPort, options.hosts);
  const vendor = await reservePuzzel({ anyPort, hosts: options.hosts, ...options.puzzel });
  const parts: Record<Part, Reserved> = { ...own, ...vendor.parts };
  const { portal, gateway, provider, chatServer, desk } = parts;
  const issuer = `${provider.origin}/oidc`;
  const secrets = { portal: secret(), chat: secret() };

  const sandbox = await createSandboxProvider({
    origin: provider.origin,
    clients: [
      {
        clientId: CLIENT_IDS.portal,
        clientName: 'Fjordbank',
        clientSecret: secrets.portal,
        redirectUri: portalRedirectUri(portal.origin),
        postLogoutRedirectUri: `${portal.origin}/`,
      },
      {
        clientId: CLIENT_IDS.chat,
        clientName: 'Fjordbank chat',
        clientSecret: secrets.chat,
        redirectUri: `${gateway.origin}/secure-chat/callback`,
      },
      vendor.client,
    ],
  });
  const chat = createChatServer();
  const website = createPortal({
    origin: portal.origin,
    gateway: gateway.origin,
    desk: desk.origin,
    login: { issuer, clientId: CLIENT_IDS.portal, clientSecret: secrets.portal },
  });
  const adminToken = newAdminToken();
  const app = createGateway(
    gatewayOptions({
      tokenHash: await hashAdminToken(adminToken),
      gateway: gateway.origin,
      chatServer: `http://${HOST}:${chatServer.port}`,
      portal: portal.origin,
      issuer,
      clientId: CLIENT_IDS.chat,
      clientSecret: secrets.chat,
      redisUrl,
    }),
  );

  provider.answerWith(sandbox);
  chatServer.answerWith(chat.app);
  portal.answerWith(website);
  desk.answerWith(
    createAgentDesk(legacyDeskChats(chat.chats), {
      title: 'Agent desk',
      site: portal.origin,
      siteName: 'the portal',
    }),
  );
  // the gateway opens its own server, for upgrades and its fast way in, so it takes the reserved port over
  await closeServer(gateway.server);
  await once(app.listen(gateway.port, HOST), 'listening');
  await app.ready();
  const puzzel = await vendor.start({ createGateway, issuer, portal: portal.origin, redisUrl });

  const names = Object.keys(PORTS) as Part[];
  return {
    origins: Object.fromEntries(names.map((name) => [name, parts[name].origin])) as Record<Part, string>,
    moved: names.filter((name) => parts[name].moved),
    chatServer: chat,
    adminToken,
    puzzel,
    async close() {
      await Promise.all([app.close(1000), puzzel.close()]);
      await Promise.all([provider, chatServer, portal, desk].map(({ server }) => closeServer(server)));
    },
  };
}
