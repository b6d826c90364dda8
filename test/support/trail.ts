import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A page that a browser asked a server of this process for. */
export interface Step {
  /** `http://host:port/path`, without the query: there are codes in it. */
  readonly page: string;
  readonly status: number;
  /** False for a redirect, which a visitor does not see. */
  readonly painted: boolean;
}

/**
 * Follows the navigations of all tabs: documents and redirects, as the servers of this process answered them. What the
 * chat server answered to the gateway is not counted a second time.
 */
export function followNavigations(origins: readonly string[]): { readonly steps: Step[]; stop(): void } {
  const steps: Step[] = [];
  const listen = (message: unknown) => {
    const { request, response } = message as {
      // Express takes the path of a mounted router off `url`
      request: IncomingMessage & { originalUrl?: string };
      response: ServerResponse;
    };
    const origin = `http://${request.headers.host ?? ''}`;
    if (request.headers['sec-fetch-dest'] !== 'document' || !origins.includes(origin)) return;
    const status = response.statusCode;
    const page = `${origin}${(request.originalUrl ?? request.url ?? '').split('?')[0] ?? ''}`;
    steps.push({ page, status, painted: status < 300 || status >= 400 });
  };
  subscribe('http.server.response.finish', listen);
  return {
    steps,
    stop: () => void unsubscribe('http.server.response.finish', listen),
  };
}
