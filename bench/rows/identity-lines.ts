import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Rig } from '../rig.ts';
import { startGateway } from './gateway.ts';
import { logIn } from './log-in.ts';
import { SECURE_PATH } from './row.ts';

/** What one login at the gateway is worth on the wire. */
export interface IdentityLines {
  /** Identity headers as the upstream gets them: name, value, name, value ... */
  readonly headers: readonly string[];
  /** What the browser sends for them. */
  readonly cookie: string;
}

/** Logs in at a gateway of its own whose upstream writes down what it gets. */
export async function identityLines(rig: Rig): Promise<IdentityLines> {
  let headers: string[] = [];
  const upstream = createServer(({ rawHeaders }, res) => {
    headers = rawHeaders.flatMap((text, at) =>
      at % 2 === 0 && /^x-secure-chat-/i.test(text) ? [text, rawHeaders[at + 1] ?? ''] : [],
    );
    res.end();
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const { port } = upstream.address() as AddressInfo;
  const gateway = await startGateway(
    { ...rig, upstream: { ...rig.upstream, port } },
    [process.execPath],
    undefined,
  );
  try {
    return { cookie: await logIn(gateway.port, SECURE_PATH), headers };
  } finally {
    await gateway.stop();
    upstream.close();
  }
}
