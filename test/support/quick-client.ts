import type { TestContext } from 'node:test';
import { Pool } from 'undici';
import type { RequestOptions, Visit } from './browser.ts';

/** Asks one server over a few kept connections, so that hundreds of requests stay cheap. Follows and keeps nothing. */
export type Ask = (path: string, options?: RequestOptions) => Promise<Visit>;

/**
 * A client of one origin without cookies; it ends with the test.
 *
 * @param connections sockets that all requests share, default 8
 */
export function quickClient(t: TestContext, origin: string, connections = 8): Ask {
  const pool = new Pool(origin, { connections });
  t.after(() => pool.destroy());
  return async (path, options = {}) => {
    const response = await pool.request({
      path,
      method: options.method ?? 'GET',
      headers: { accept: 'application/json', ...options.headers },
      ...(options.body === undefined ? {} : { body: options.body }),
    });
    const headers = new Headers();
    for (const [name, value] of Object.entries(response.headers))
      for (const line of [value].flat()) if (line !== undefined) headers.append(name, line);
    const body = await response.body.text();
    return { url: origin + path, status: response.statusCode, headers, body };
  };
}
