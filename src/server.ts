import process from 'node:process';
import { loadConfig } from './config/config.ts';
import { processEnvironment } from './config/env.ts';
import { ConfigError } from './config/problems.ts';
import type { GatewayConfig } from './config/gateway-config.ts';
import { withoutWarnings } from './config/written-options.ts';
import { createLogger, describeBug, describeError } from './observe/logger.ts';
import { serve } from './serve.ts';
import { startWorker, workerSide, type WorkerSide } from './workers/cluster.ts';
import { createSupervisor } from './workers/supervisor.ts';

/** Above the 20 s for which a worker lets finish what runs, below the 30 s after which Heroku kills. */
const WORKERS_GRACE_MS = 26_000;

/** The process of `npm start`: the gateway itself, or with several workers their supervisor, or one of them. */
const config = configOrExit();
const worker = workerSide();
const supervised = worker !== undefined || config.workers > 1;
const logger = createLogger(config.logLevel, supervised ? { pid: process.pid } : undefined);
// the runtime's own report prints message and members, which hold what a library was given: commands, tokens, addresses
process.on('uncaughtException', (error) => {
  logger.error({ bug: describeBug(error) }, 'a failure that nobody caught');
  process.exit(1);
});
if (worker !== undefined) work(worker);
else if (config.workers > 1) supervise();
else serveAlone();

function serveAlone(): void {
  const serving = serve(config, logger, (error) => {
    logger.error({ port: config.port, cause: describeError(error) }, 'cannot listen');
    process.exit(1);
  });
  onEnd((signal) => serving.drain(signal));
  process.on('SIGUSR2', () => {
    logger.warn({}, 'there are no workers to replace');
  });
}

function work(supervisor: WorkerSide): void {
  // the supervisor has logged the warnings, once for all
  const serving = serve(withoutWarnings(config), logger, (error) => {
    void supervisor.cannotServe(`cannot listen on port ${config.port}: ${describeError(error)}`).then(() => {
      process.exit(1);
    });
  });
  onEnd((signal) => serving.drain(signal));
  supervisor.onRetire(() => {
    void serving.retire().then(() => process.exit(0));
  });
  // for the supervisor, and sent to the whole group
  process.on('SIGUSR2', () => undefined);
}

function supervise(): void {
  for (const warning of config.warnings) logger.warn({}, warning);
  const supervisor = createSupervisor({
    count: config.workers,
    start: startWorker,
    logger,
    hopeless: (reason) => {
      logger.error({ reason }, 'no worker can serve');
      process.exit(1);
    },
  });
  onEnd(async (signal) => {
    logger.info({ signal, workers: config.workers }, 'draining all workers');
    await supervisor.stop(WORKERS_GRACE_MS);
    logger.info({}, 'all workers have ended');
  });
  process.on('SIGUSR2', () => {
    try {
      read();
    } catch (error) {
      process.stderr.write(`${explain(error)}\n`);
      logger.error({}, 'the configuration has problems: no worker is replaced');
      return;
    }
    logger.info({ workers: config.workers }, 'replacing all workers');
    void supervisor.replaceAll();
  });
}

/** Ends the process when this is done; further signals change nothing. */
function onEnd(drain: (signal: string) => Promise<void>): void {
  let ending = false;
  // `on`, not `once`: npm passes a signal on that the process group got too, and the second one must not cut the drain short
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      if (ending) return;
      ending = true;
      void drain(signal).then(() => process.exit(0));
    });
}

function configOrExit(): GatewayConfig {
  try {
    return read();
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(1);
  }
}

function read(): GatewayConfig {
  return loadConfig({ argv: process.argv.slice(2), env: processEnvironment() });
}

function explain(error: unknown): string {
  return error instanceof ConfigError ? error.message : describeBug(error);
}
