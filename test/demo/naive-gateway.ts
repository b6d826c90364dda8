import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { GatewayOptions } from '../../src/index.ts';
import { naiveSignIn } from './naive-sign-in.ts';
import { closeServer } from '../../demo/ports.ts';
import type { DemoGateway } from '../../demo/system.ts';

/** Headers that a naive gateway adds to requests of the secure queue, whoever asks. */
export type Inject = Readonly<Record<string, string>>;

/**
 * A gateway as it must not be: no login, no stripping, everybody is the same person. The demo's check has to notice.
 *
 * @param inject headers of that person; none for a plain proxy
 */
export function naiveGateway(inject: Inject): (options: GatewayOptions) => DemoGateway {
  return ({ upstream }) => {
    const origin = typeof upstream === 'string' ? upstream : (upstream?.url ?? '');
    const vendor = naiveSignIn();
    const server = createServer((incoming, outgoing) => {
      if (vendor(incoming, outgoing)) return;
      answer(origin, inject, incoming, outgoing);
    });
    return {
      listen: (port, host) => server.listen(port, host),
      ready: () => Promise.resolve(),
      close: () => closeServer(server),
    };
  };
}

function answer(origin: string, inject: Inject, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://localhost');
  if (pathname === '/secure-chat/login') {
    outgoing.writeHead(302, { Location: searchParams.get('returnTo') ?? '/' }).end();
    return;
  }
  const headers = { ...incoming.headers, ...(pathname.startsWith('/queues/q_bank') && inject) };
  const onward = request(new URL(incoming.url ?? '/', origin), { method: incoming.method, headers });
  onward.on('response', (response) => {
    outgoing.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(outgoing);
  });
  onward.on('error', () => outgoing.destroy());
  outgoing.on('close', () => onward.destroy());
  incoming.pipe(onward);
}
