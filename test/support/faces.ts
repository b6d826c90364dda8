import express from 'express';
import session from 'express-session';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Administration } from '../../src/admin/administration.ts';
import type { GatewayOptions } from '../../src/config/options.ts';
import { createGateway } from '../../src/gateway.ts';
import type { Logger } from '../../src/observe/logger.ts';
import { secureChat } from '../../src/secure-chat.ts';
import { attachServer } from '../../src/serving.ts';

/** A running gateway in one of its faces. */
export interface Running {
  readonly url: string;
  readonly server: Server;
  readonly administration?: Administration;
  stop(): Promise<void>;
}

/** One way of running the gateway. `publicUrl` is filled in once the port is known. */
export interface Face {
  readonly name: string;
  start(options: (publicUrl: string) => GatewayOptions, logger?: Logger): Promise<Running>;
}

export const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

async function listening(): Promise<{ server: Server; url: string }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function stopServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

/** The stand-alone server: the core answers before Express. */
export const standAlone: Face = {
  name: 'stand-alone',
  async start(options, logger = silent) {
    const { server, url } = await listening();
    const gateway = createGateway(options(url), { logger });
    attachServer(server, gateway);
    return {
      server,
      url,
      administration: gateway.administration,
      stop: async () => {
        await stopServer(server);
        await gateway.close(0);
      },
    };
  },
};

/** The drop-in as the only middleware of a host. */
export const dropIn: Face = {
  name: 'drop-in',
  async start(options, logger = silent) {
    const { server, url } = await listening();
    const chat = secureChat(options(url), { logger });
    const host = express().use(chat);
    attachServer(server, { listener: host, upgrade: chat.upgrade });
    return {
      server,
      url,
      administration: chat.administration,
      stop: async () => {
        await stopServer(server);
        await chat.close();
      },
    };
  },
};

/** Starts the drop-in in a host that keeps its sessions in this store. */
export function startOnHostSession(store: session.Store): Face['start'] {
  return async (options, logger = silent) => {
    const { server, url } = await listening();
    const hostSession = session({
      store,
      secret: 'the host has a secret of its own, long enough',
      resave: false,
      saveUninitialized: false,
      name: 'host.sid',
    });
    const chat = secureChat(options(url), { logger, session: hostSession });
    const host = express().use(hostSession).use(chat);
    attachServer(server, { listener: host, upgrade: chat.upgrade });
    return {
      server,
      url,
      administration: chat.administration,
      stop: async () => {
        await stopServer(server);
        await chat.close();
      },
    };
  };
}

/** The drop-in in a host that has a session of its own, which it then shares. */
export const dropInWithHostSession: Face = {
  name: 'drop-in on the session of its host',
  start: (options, logger) => startOnHostSession(new session.MemoryStore())(options, logger),
};

export const faces: readonly Face[] = [standAlone, dropIn, dropInWithHostSession];
