/** How a key set is fetched. */
export interface KeySetSource {
  readonly url: URL;
  /** Milliseconds from the start to the last byte. */
  readonly timeoutMs: number;
  readonly fetch: typeof fetch;
}

/** Most bytes of a key set, decompressed; about two hundred keys. */
const MOST_BYTES = 65_536;

/**
 * Fetches a key set and parses its JSON. Redirects are not followed, for the configuration alone says where keys come
 * from.
 *
 * @throws Error for any status but 200, for an answer that is too large, too late, or not JSON
 */
export async function fetchKeySet({ url, timeoutMs, fetch }: KeySetSource): Promise<unknown> {
  const response = await fetch(url, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (response.status !== 200 || response.redirected) {
    await response.body?.cancel();
    throw new Error(`The key set was answered with status ${response.status}, not 200 at its own address.`);
  }
  const text = await readBounded(response.body);
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('The key set is not JSON.');
  }
}

async function readBounded(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // leaving the loop cancels the stream
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    if (length > MOST_BYTES) throw new Error(`The key set is larger than ${MOST_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
