import { randomBytes } from 'node:crypto';
import { sign } from 'cookie-signature';
import type { SessionData } from 'express-session';
import { resolveConfig } from '../../src/config/config.ts';
import type { GatewayOptions } from '../../src/config/options.ts';
import { createChatOwners } from '../../src/middleware/chat-owners.ts';
import { createBrowserRecords } from '../../src/session/browser-records.ts';
import { findSessionCookie } from '../../src/session/cookie-id.ts';
import { createStores } from '../../src/session/stores.ts';
import { silent } from '../../test/support/faces.ts';
import { BenchError } from '../bench-error.ts';

/** Sessions written at the same time. */
const AT_ONCE = 500;

/**
 * Writes sessions as logins leave them, without the logins: a hundred thousand of these would take minutes. Each is a copy,
 * by the gateway's own code, of the session that `cookie` belongs to.
 * @returns a Cookie header for each
 */
export async function seedSessions(
  options: GatewayOptions,
  cookie: string,
  count: number,
): Promise<string[]> {
  const config = resolveConfig(options, { production: false, face: 'gateway' });
  const { cookieName, secrets, idleSeconds, absoluteSeconds } = config.session;
  const stores = createStores(config, silent);
  const { state, sealer, sessions } = stores;
  const records = createBrowserRecords({ state, sealer, idleSeconds, absoluteSeconds });
  const owners = createChatOwners({ state, sealer, absoluteSeconds });
  try {
    await stores.ping();
    const model = findSessionCookie(cookie, cookieName, secrets)?.sessionId;
    const connectionId = config.customers[0]?.connections[0]?.id;
    const secret = secrets[0];
    if (model === undefined || connectionId === undefined || secret === undefined)
      throw new BenchError('the model of a session has no cookie');
    const record = (await records.identity(model, connectionId))?.record;
    const data = await new Promise<SessionData | null | undefined>((resolve, reject) => {
      sessions.get(model, (error: unknown, found) => {
        if (error instanceof Error) reject(error);
        else resolve(found);
      });
    });
    if (record === undefined || !data) throw new BenchError('the model of a session has no identity');
    const copy = async (): Promise<string> => {
      const id = randomBytes(24).toString('base64url');
      await records.saveIdentity(id, connectionId, record);
      await owners.copy(model, id, [connectionId]);
      await new Promise<void>((resolve, reject) => {
        sessions.set(id, data, (error: unknown) => {
          if (error instanceof Error) reject(error);
          else resolve();
        });
      });
      return `${cookieName}=${encodeURIComponent(`s:${sign(id, secret)}`)}`;
    };
    const cookies: string[] = [];
    while (cookies.length < count) {
      const some = Array.from({ length: Math.min(AT_ONCE, count - cookies.length) }, copy);
      cookies.push(...(await Promise.all(some)));
    }
    return cookies;
  } finally {
    await stores.close();
  }
}
