import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Customer, GatewayConfig } from '../config/gateway-config.ts';

/**
 * Cross-origin answers (Fetch standard, section 3.3): to whole origins of the configuration. With credentials, which only
 * pages of the gateway's own site have, since its cookies are SameSite=Lax.
 */
export interface Cors {
  /** May pages of this origin use the queues of this customer? Of any customer, when none is named. */
  allows(origin: string | undefined, customerKey?: string): origin is string;
  /** Lets the page that asked read the answer, when its origin is allowed. True when it is. */
  share(req: IncomingMessage, res: ServerResponse, customerKey?: string): boolean;
  /** Takes that back. */
  withhold(res: ServerResponse): void;
  /** Answers a preflight of an allowed origin; false, and nothing done, for every other request. */
  answerPreflight(req: IncomingMessage, res: ServerResponse, customerKey?: string): boolean;
}

/** What a browser asks before a request that a form could not send. */
export interface Preflight {
  /** `Access-Control-Request-Method`. */
  readonly method: string;
  /** Names of `Access-Control-Request-Headers`, in lower case. */
  readonly headers: readonly string[];
}

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** Origins as the configuration has them: the gateway's own and `returnOrigins`. */
export function createCors({
  publicOrigin,
  customers,
}: {
  readonly publicOrigin: GatewayConfig['publicOrigin'];
  readonly customers: readonly Pick<Customer, 'customerKey' | 'returnOrigins'>[];
}): Cors {
  const allows = (origin: string | undefined, customerKey?: string): origin is string =>
    origin !== undefined &&
    customers.some(
      (customer) =>
        (customerKey === undefined || customer.customerKey === customerKey) &&
        (origin === publicOrigin || customer.returnOrigins.includes(origin)),
    );
  const share = (req: IncomingMessage, res: ServerResponse, customerKey?: string): boolean => {
    const { origin } = req.headers;
    // also where a host's own CORS has allowed it
    withhold(res);
    if (origin !== undefined) res.appendHeader('Vary', 'Origin');
    if (!allows(origin, customerKey)) return false;
    res.setHeader('Access-Control-Allow-Origin', origin);
    res.setHeader('Access-Control-Allow-Credentials', 'true');
    res.setHeader('Access-Control-Expose-Headers', 'Retry-After, WWW-Authenticate');
    return true;
  };
  return {
    allows,
    share,
    withhold,
    answerPreflight(req, res, customerKey) {
      const asked = preflightOf(req);
      if (asked === undefined || !allows(req.headers.origin, customerKey)) return false;
      share(req, res, customerKey);
      res.removeHeader('Access-Control-Expose-Headers');
      res.setHeader('Access-Control-Allow-Methods', asked.method);
      if (asked.headers.length > 0) res.setHeader('Access-Control-Allow-Headers', asked.headers.join(', '));
      res.writeHead(204, { 'Access-Control-Max-Age': '600', 'Cache-Control': 'no-store' }).end();
      return true;
    },
  };
}

/** What a preflight asks for; undefined for every other request, and when it asks for what is no method or name. */
export function preflightOf({ method, headers }: IncomingMessage): Preflight | undefined {
  const asked = headers['access-control-request-method'];
  if (method !== 'OPTIONS' || headers.origin === undefined || asked === undefined) return undefined;
  const names = (headers['access-control-request-headers'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  if (![asked, ...names].every((name) => TOKEN.test(name))) return undefined;
  return { method: asked, headers: names };
}

function withhold(res: ServerResponse): void {
  if (res.getHeaderNames().length === 0) return;
  res.removeHeader('Access-Control-Allow-Origin');
  res.removeHeader('Access-Control-Allow-Credentials');
  res.removeHeader('Access-Control-Expose-Headers');
}
