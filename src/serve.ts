import { setTimeout as delay } from 'node:timers/promises';
import type { GatewayConfig } from './config/gateway-config.ts';
import { gatewayFrom, type Gateway } from './gateway.ts';
import { writeStdoutLine, type Logger } from './observe/logger.ts';

/** For what runs: Heroku kills 30 s after SIGTERM. */
const GRACE_MS = 20_000;

/** After which a gateway that was not ready is asked again. */
const READY_MS = 250;

/** A gateway that listens, or is about to. Each way to end it works once, and says so in the log. */
export interface ServingGateway {
  /** Refuses new work and lets what runs finish; resolves when all is closed. */
  drain(signal: string): Promise<void>;
  /** The same where others take the new work: what comes on open connections is still served. */
  retire(): Promise<void>;
}

/** How a process serves. */
export interface ServeOptions {
  /** Told why the port is not to be had. */
  readonly cannotListen: (error: Error) => void;
  /** Listen once the gateway is ready, because others serve meanwhile. Default: false, so that health checks are answered. */
  readonly whenReady?: boolean;
}

/** Serves in this process. */
export function serve(
  config: GatewayConfig,
  logger: Logger,
  { cannotListen, whenReady = false }: ServeOptions,
): ServingGateway {
  const gateway = gatewayFrom(config, { logger, auditLine: writeStdoutLine });
  let ending: Promise<void> | undefined;
  const listen = (): void => {
    if (ending !== undefined) return;
    const server = gateway.listen(config.port, config.host);
    server.once('listening', () => {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : config.port;
      logger.info({ port, host: config.host, publicUrl: config.publicUrl }, 'listening');
    });
    server.once('error', cannotListen);
  };
  if (whenReady) void untilReady(gateway).then(listen);
  else listen();
  return {
    drain(signal) {
      if (ending === undefined) logger.info({ signal }, 'draining');
      return (ending ??= gateway.close(GRACE_MS).then(() => {
        logger.info({}, 'drained');
      }));
    },
    retire() {
      if (ending === undefined) logger.info({}, 'retiring');
      return (ending ??= gateway.retire(GRACE_MS).then(() => {
        logger.info({}, 'retired');
      }));
    },
  };
}

async function untilReady(gateway: Gateway): Promise<void> {
  for (;;) {
    try {
      await gateway.ready();
      return;
    } catch {
      // what stands against it is in the log, once and not four times a second
      await delay(READY_MS);
    }
  }
}
