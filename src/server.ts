import process from 'node:process';
import { loadConfig } from './config/config.ts';
import { processEnvironment } from './config/env.ts';
import { ConfigError } from './config/problems.ts';
import type { GatewayConfig } from './config/gateway-config.ts';
import { gatewayFrom } from './gateway.ts';
import { createLogger, describeBug, describeError, writeStdoutLine } from './observe/logger.ts';

/** The process of `npm start`: configuration, gateway, listen, drain on SIGTERM. */
const config = configOrExit();
const logger = createLogger(config.logLevel);
// the runtime's own report prints message and members, which hold what a library was given: commands, tokens, addresses
process.on('uncaughtException', (error) => {
  logger.error({ bug: describeBug(error) }, 'a failure that nobody caught');
  process.exit(1);
});
const gateway = gatewayFrom(config, { logger, auditLine: writeStdoutLine });
const server = gateway.listen(config.port, config.host);

server.once('listening', () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : config.port;
  logger.info({ port, host: config.host, publicUrl: config.publicUrl }, 'listening');
});
server.once('error', (error) => {
  logger.error({ port: config.port, cause: describeError(error) }, 'cannot listen');
  process.exit(1);
});

let draining = false;
// `on`, not `once`: npm passes a signal on that the process group got too, and the second one must not cut the drain short
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void drain(signal));

// Heroku kills 30 s after SIGTERM
async function drain(signal: string): Promise<void> {
  if (draining) return;
  draining = true;
  logger.info({ signal }, 'draining');
  await gateway.close(20_000);
  logger.info({}, 'drained');
  process.exit(0);
}

function configOrExit(): GatewayConfig {
  try {
    return loadConfig({ argv: process.argv.slice(2), env: processEnvironment() });
  } catch (error) {
    process.stderr.write(`${error instanceof ConfigError ? error.message : describeBug(error)}\n`);
    process.exit(1);
  }
}
