import type { IncomingMessage } from 'node:http';
import { endOnError } from '../proxy/end-on-error.ts';
import { createCore, type Core } from './core.ts';
import type { RuntimeSource } from './runtime.ts';

/** Whether this process lives does not depend on what it knows. */
const HEALTH = /\/healthz(?:\?|$)/;

/**
 * The core under the configuration of the moment: each request and upgrade keeps the one it began with. Until it is known
 * what administrators have set, they wait.
 */
export function currentCore(source: RuntimeSource): Core {
  let known = { runtime: source.current, core: createCore(source.current) };
  const core = (): Core => {
    const runtime = source.current;
    if (known.runtime !== runtime) known = { runtime, core: createCore(runtime) };
    return known.core;
  };
  const waitFor = ({ url = '' }: IncomingMessage): Promise<void> | undefined =>
    source.starting === undefined || HEALTH.test(url) ? undefined : source.starting;
  return {
    handle(req, res, own, host) {
      const starting = waitFor(req);
      if (starting === undefined) core().handle(req, res, own, host);
      else
        void starting.then(() => {
          core().handle(req, res, own, host);
        });
    },
    upgrade(req, socket, head) {
      endOnError(socket);
      const starting = waitFor(req);
      if (starting === undefined) core().upgrade(req, socket, head);
      else
        void starting.then(() => {
          core().upgrade(req, socket, head);
        });
    },
  };
}
