import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A site that sets every kind of cookie, and a page of another site that shows a picture of it. */
export interface CookieProbe {
  /** Sets the cookies, as a page of its own. */
  readonly own: string;
  /** A page of a sister name on the same site, with the picture. */
  readonly sister: string;
  /** A page of another site, with the picture. */
  readonly foreign: string;
  /** Cookies that came with the last picture; undefined before the first. */
  readonly pictured: () => string | undefined;
  stop(): Promise<void>;
}

/** Starts the probe on loopback, all names of it on one port. */
export async function startCookieProbe(): Promise<CookieProbe> {
  let seen: string | undefined;
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    if (request.url?.startsWith('/picture')) {
      seen = cookiesOf(request);
      response.writeHead(200, { 'Content-Type': 'image/svg+xml', 'Cache-Control': 'no-store' });
      response.end('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
      return;
    }
    response.setHeader('Content-Type', 'text/html');
    response.setHeader('Cache-Control', 'no-store');
    if (request.url === '/own') {
      // a browser takes those that it can: the first one where None is the default, the second where it has to be said
      response.setHeader('Set-Cookie', ['plain=1; Path=/', 'none=1; Path=/; SameSite=None; Secure']);
      response.end('<!doctype html><title>own</title><p>own');
    } else {
      response.end(
        `<!doctype html><title>page</title><img src="http://a.probe.localhost:${port}/picture?${Math.random()}">`,
      );
    }
  });
  const port = await listen(server);
  return {
    own: `http://a.probe.localhost:${port}/own`,
    sister: `http://b.probe.localhost:${port}/page`,
    foreign: `http://a.other.localhost:${port}/page`,
    pictured: () => seen,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function cookiesOf({ headers }: IncomingMessage): string {
  return headers.cookie ?? '';
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}
