import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/** The two forms of the browser client. */
export type ClientScriptName = 'client.js' | 'client.mjs';

/** One form, ready to be sent. */
export interface ClientScript {
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  /** Strong validators (RFC 9110, section 8.8.3), one for each coding. */
  readonly etag: string;
  readonly gzippedEtag: string;
}

/** The client as the gateway serves it; read or built once. */
export type ClientScripts = (name: ClientScriptName) => Promise<ClientScript>;

/** As far from `src/pages` as from `dist/pages`. */
const BUILT = new URL('../browser/', import.meta.url);
const BUNDLER = new URL('../../scripts/bundle-client.mjs', import.meta.url);

const running = new Map<ClientScriptName, Promise<ClientScript>>();

/**
 * The built client of this package. Where the gateway runs from its sources, as in the demo, nothing is built yet: it is
 * then bundled in memory, when it is asked for first.
 *
 * @throws the file system's error when the package is incomplete
 */
export function createClientScripts(): ClientScripts {
  return (name) => {
    const script = running.get(name) ?? textOf(name).then(ready);
    running.set(name, script);
    return script;
  };
}

async function textOf(name: ClientScriptName): Promise<string> {
  if (!import.meta.url.endsWith('.ts')) return readFileSync(new URL(name, BUILT), 'utf8');
  const bundler = (await import(BUNDLER.href)) as {
    bundleClient(name: ClientScriptName): Promise<string>;
  };
  return bundler.bundleClient(name);
}

function ready(text: string): ClientScript {
  const plain = Buffer.from(text);
  const hash = createHash('sha256').update(plain).digest('hex').slice(0, 16);
  return {
    plain,
    gzipped: gzipSync(plain, { level: 9 }),
    etag: `"${hash}"`,
    gzippedEtag: `"${hash}-gzip"`,
  };
}
