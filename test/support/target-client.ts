import { Pool } from 'undici';

/**
 * Asks for each request target as it stands, a few at a time, and returns the statuses in the same order. No redirect is
 * followed and no cookie kept.
 */
export async function askTargets(
  origin: string,
  targets: readonly string[],
  headers: Readonly<Record<string, string>> = {},
): Promise<number[]> {
  const pool = new Pool(origin, { connections: 4, pipelining: 1 });
  try {
    return await Promise.all(
      targets.map(async (path) => {
        const { statusCode, body } = await pool.request({ path, method: 'GET', headers });
        await body.dump();
        return statusCode;
      }),
    );
  } finally {
    await pool.destroy();
  }
}
