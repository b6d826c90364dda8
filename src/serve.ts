import type { GatewayConfig } from './config/gateway-config.ts';
import { gatewayFrom } from './gateway.ts';
import { writeStdoutLine, type Logger } from './observe/logger.ts';

/** For what runs: Heroku kills 30 s after SIGTERM. */
const GRACE_MS = 20_000;

/** A gateway that listens. Each way to end it works once, and says so in the log. */
export interface ServingGateway {
  /** Refuses new work and lets what runs finish; resolves when all is closed. */
  drain(signal: string): Promise<void>;
  /** The same where others take the new work: what comes on open connections is still served. */
  retire(): Promise<void>;
}

/** Serves in this process. `cannotListen` is told why the port is not to be had. */
export function serve(
  config: GatewayConfig,
  logger: Logger,
  cannotListen: (error: Error) => void,
): ServingGateway {
  const gateway = gatewayFrom(config, { logger, auditLine: writeStdoutLine });
  const server = gateway.listen(config.port, config.host);
  server.once('listening', () => {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : config.port;
    logger.info({ port, host: config.host, publicUrl: config.publicUrl }, 'listening');
  });
  server.once('error', cannotListen);
  let ending: Promise<void> | undefined;
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
