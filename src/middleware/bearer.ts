import type { IncomingMessage } from 'node:http';
import { isFor } from './cookieless.ts';
import type { Runtime } from './runtime.ts';
import type { SecureQueue } from './secure-queue.ts';

/**
 * The session that a request to a secure queue comes with: that which its handle was traded for; that of its token, when it carries one and the token is for
 * exactly this queue; that of the browser's cookie only when it carries none.
 */
export async function sessionIdFor(
  runtime: Runtime,
  req: IncomingMessage,
  queue: SecureQueue,
): Promise<string | undefined> {
  const traded = runtime.preset?.sessionOf(req);
  if (traded !== undefined) return traded;
  if (!runtime.cookieless.carries(req)) return runtime.sessions.idOf(req);
  const holder = runtime.cookieless.knownHolderOf(req) ?? (await runtime.cookieless.holderOf(req));
  return holder !== undefined && isFor(holder, queue) ? holder.sessionId : undefined;
}
