import type { IncomingMessage, ServerResponse } from 'node:http';
import { foldQueueKey } from '../config/fold-queue-key.ts';
import type { Customer, Queue } from '../config/gateway-config.ts';
import { GatewayError } from '../errors.ts';
import { pageCookieHash, type PageBinding } from '../oidc/page-transactions.ts';
import { checkReturnTo } from '../oidc/return-to.ts';
import { readBody } from '../proxy/body.ts';
import type { Address } from '../queues/canonical-path.ts';
import { pageCookieFor, type PageCookie } from './page-cookie.ts';
import { ADDRESS_NAMES, readStateBody, type StateParameters } from './puzzel-state-body.ts';
import { readOwnQuery } from './own-query.ts';
import { withoutOutcome } from './return-address.ts';
import type { Runtime } from './runtime.ts';
import { isSecure, type SecureQueue } from './secure-queue.ts';
import { sendJson } from './send-json.ts';

const BODY_LIMIT_BYTES = 8192;

/**
 * `POST {base}/auth/state/{customerKey}`: begins a login whose authorization request the page builds itself. Answers
 * `{ state, location }`, `location` being that request as the gateway would make it. The browser gets a cookie by which
 * it is known again at `{base}/auth/redirect`.
 *
 * @param base What stands before `/auth/state` in the path.
 */
export async function puzzelState(
  runtime: Runtime,
  req: IncomingMessage,
  res: ServerResponse,
  { base, customerKey, address }: { base: string; customerKey: string; address: Address },
): Promise<void> {
  runtime.drain.check();
  const customer = customerOf(runtime, customerKey);
  runtime.cors.share(req, res, customer.customerKey);
  await runtime.limitLogins(runtime.trust.address(req));
  const bytes = await readBody(req, res, BODY_LIMIT_BYTES, runtime.contextOf(req).deadline);
  const query = readOwnQuery(`?${address.query}`, [...ADDRESS_NAMES, 'queueKey', 'connectionName']);
  const wanted = readStateBody(bytes, req.headers['content-type']);
  checkAsker(runtime, req, customer);
  const returnTo = returnToOf(runtime, req, customer, wanted, query);
  const queue = queueOf(runtime, customer, {
    queueKey: wanted.queueKey ?? query.queueKey,
    connectionName: wanted.connectionName ?? query.connectionName,
  });
  const cookie = pageCookieFor(req, runtime.config.secureCookies);
  const retry = await runtime.redemption.takeRepetition(runtime.sessions.idOf(req), queue.connection);
  const { state, location } = await runtime.logins.beginPage(
    { connection: queue.connection, queue, returnTo, display: 'page', interactive: false, retry },
    {
      redirectUri: `${runtime.config.publicUrl}${base}/auth/redirect`,
      binding: bindingOf(runtime, req, customer, returnTo, cookie),
    },
  );
  const { requestId } = runtime.contextOf(req);
  const about = { customer: customer.customerKey, connection: queue.connection.name, queue: queue.queueKey };
  runtime.logger.info({ requestId, ...about, retry }, 'login started by a page');
  res.appendHeader('Set-Cookie', cookie.line);
  sendJson(res, { state, location });
}

/** The customer of a key. A customer that is in no list has no logins. */
export function customerOf({ config }: Runtime, customerKey: string): Customer {
  const customer = config.customers.find(
    (one) => foldQueueKey(one.customerKey) === foldQueueKey(customerKey),
  );
  if (customer === undefined) throw new GatewayError('queue_refused', 'There is no customer of this key.');
  return customer;
}

/** Pseudonym of the address and the user agent of a browser, by which it is told when it may have no cookies. */
export function clientOf({ stores, trust }: Runtime, req: IncomingMessage): string {
  return stores.sealer.key('page-client', trust.address(req), req.headers['user-agent'] ?? '');
}

function checkAsker(runtime: Runtime, { headers }: IncomingMessage, { customerKey }: Customer): void {
  const { origin } = headers;
  if (origin === undefined || runtime.cors.allows(origin, customerKey)) return;
  throw new GatewayError(
    'return_to_refused',
    'The page that asks is neither of the gateway nor of one of returnOrigins.',
  );
}

function returnToOf(
  runtime: Runtime,
  { headers }: IncomingMessage,
  { returnOrigins }: Customer,
  wanted: StateParameters,
  query: StateParameters,
): URL {
  const named = [wanted, query].flatMap((one) => ADDRESS_NAMES.map((name) => one[name]));
  const address = [...named, headers.referer, headers.origin].find(
    (text) => text !== undefined && text !== '',
  );
  if (address === undefined)
    throw new GatewayError('return_to_refused', 'The request does not say which page it comes from.');
  const { publicUrl, publicOrigin } = runtime.config;
  return new URL(withoutOutcome(checkReturnTo(address, { publicUrl, publicOrigin, returnOrigins }).href));
}

/** The queue whose connection logs in: the one that is named, else the first of the connection that is meant. */
function queueOf(
  runtime: Runtime,
  customer: Customer,
  wanted: { readonly queueKey: string | undefined; readonly connectionName: string | undefined },
): SecureQueue {
  const { queueKey, connectionName } = wanted;
  const secure = customer.queues.filter(isSecure);
  if (queueKey !== undefined && queueKey.trim() !== '') {
    const queue = runtime.resolver.findQueue(queueKey, customer.customerKey);
    if (queue === undefined) throw new GatewayError('queue_refused', 'There is no queue of that name here.');
    if (!isSecure(queue))
      throw new GatewayError('request_malformed', 'This queue takes everybody, without a login.');
    if (connectionName === undefined || connectionName === queue.connection.name) return queue;
    throw new GatewayError('request_malformed', 'The connection is not that of the queue.');
  }
  const meant = secure.filter(
    ({ connection }) => connectionName === undefined || connection.name === connectionName,
  );
  const [first] = meant;
  if (first === undefined)
    throw new GatewayError('queue_refused', 'There is no secure queue of that connection.');
  if (meant.some(({ connection }) => connection.id !== first.connection.id))
    throw new GatewayError('queue_ambiguous', 'Several connections: name one by connectionName or queueKey.');
  return meant.find(demandsNothing) ?? first;
}

function demandsNothing({ requiredAcrValues }: Queue): boolean {
  return requiredAcrValues.length === 0;
}

/** A page on another origin may get no cookie back: then its browser is told by its address, and the page by its origin. */
function bindingOf(
  runtime: Runtime,
  req: IncomingMessage,
  { returnOrigins }: Customer,
  returnTo: URL,
  { name, value, comesBack }: PageCookie,
): PageBinding {
  const { origin, 'sec-fetch-site': site } = req.headers;
  const mayHaveNone =
    !comesBack &&
    (site === 'cross-site' || site === 'same-site') &&
    origin !== undefined &&
    origin !== runtime.config.publicOrigin &&
    origin === returnTo.origin &&
    returnOrigins.includes(origin);
  return {
    cookieName: name,
    cookieHash: pageCookieHash(value),
    page: mayHaveNone ? { origin, client: clientOf(runtime, req) } : undefined,
  };
}
