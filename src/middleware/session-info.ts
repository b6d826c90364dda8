import type { RequestHandler } from 'express';
import type { IncomingMessage } from 'node:http';
import type { Connection, Queue } from '../config/gateway-config.ts';
import { mappedVariables } from '../proxy/shown-identity.ts';
import type { IdentityRecord } from '../session/browser-records.ts';
import { readOwnQuery } from './own-query.ts';
import { isTaken } from './required-acr.ts';
import type { Runtime } from './runtime.ts';
import { sendJson } from './send-json.ts';

/**
 * `GET /session`: what the gateway knows of this browser, masked as it is sent upstream. `?queueKey=` asks for the
 * connection of that queue; without it the latest verified one answers. Never starts, redeems or prolongs anything.
 */
export function sessionInfo(runtime: Runtime): RequestHandler {
  return async function sessionInfoMiddleware(req, res) {
    const query = readOwnQuery(req.url, ['queueKey', 'customerKey']);
    const asked = wantedOf(runtime, query.queueKey, query.customerKey);
    const { sessionId, wanted } = runtime.cookieless.carries(req)
      ? await ofToken(runtime, req, query.queueKey === undefined ? undefined : asked)
      : { sessionId: runtime.sessions.idOf(req), wanted: asked };
    const found =
      sessionId === undefined
        ? undefined
        : await latest(runtime, sessionId, { ...wanted, connections: readableBy(runtime, req, wanted) });
    sendJson(res, found ?? { authenticated: false });
  };
}

/**
 * What the page that asks may read: on another origin only what its own customers' connections have verified. Another
 * customer's page may well be of the same site, and bring the cookie.
 */
function readableBy(runtime: Runtime, { headers }: IncomingMessage, { connections }: Wanted): Connection[] {
  const { origin } = headers;
  return connections.filter(
    ({ customerKey }) => origin === undefined || runtime.cors.allows(origin, customerKey),
  );
}

/** A token knows of its own queue, and of no other. */
async function ofToken(runtime: Runtime, req: IncomingMessage, asked: Wanted | undefined) {
  const holder = await runtime.cookieless.holderOf(req);
  const wanted = wantedOf(runtime, holder?.queueKey, holder?.customerKey);
  const fits = asked === undefined || asked.queue === wanted.queue;
  return { sessionId: fits ? holder?.sessionId : undefined, wanted };
}

/** Which identities may answer. */
interface Wanted {
  /** The queue that was asked for, if any. */
  readonly queue: Queue | undefined;
  readonly connections: readonly Connection[];
  /** What the queue that was asked for demands; none without one. */
  readonly acrValues: readonly string[];
}

function wantedOf(
  { config, resolver }: Runtime,
  queueKey: string | undefined,
  customerKey: string | undefined,
): Wanted {
  if (queueKey === undefined)
    return {
      queue: undefined,
      connections: config.customers.flatMap((customer) => customer.connections),
      acrValues: [],
    };
  const queue = resolver.findQueue(queueKey, customerKey);
  return {
    queue,
    connections: queue?.connection === undefined ? [] : [queue.connection],
    acrValues: queue?.requiredAcrValues ?? [],
  };
}

async function latest(
  runtime: Runtime,
  sessionId: string,
  { connections, acrValues }: Wanted,
): Promise<object | undefined> {
  const states = await runtime.records.overview(
    sessionId,
    connections.map(({ id }) => id),
  );
  const byId = new Map(connections.map((connection) => [connection.id, connection]));
  const records = states
    .flatMap(({ record }) => (record !== undefined && isTaken(acrValues, record.identity) ? [record] : []))
    .sort((a, b) => b.verifiedAt - a.verifiedAt);
  const [newest] = records;
  const connection = newest === undefined ? undefined : byId.get(newest.connectionId);
  if (newest !== undefined && connection !== undefined)
    return described(newest, connection, await runtime.records.endOf(sessionId, newest));
  const pending = states.find(({ waiting }) => waiting);
  return pending === undefined
    ? undefined
    : { authenticated: false, pending: true, connection: byId.get(pending.connectionId)?.name };
}

function described(record: IdentityRecord, connection: Connection, end: number): object {
  const { chatId, nickName, acr, amr, authTime } = record.identity;
  // what is mapped today, as the headers say it
  const variables = mappedVariables(record.identity, connection.mapping).map(
    ({ name, description, value }) => ({ name, description, value }),
  );
  return {
    authenticated: true,
    connection: connection.name,
    chatId,
    nickName,
    variables,
    acr,
    amr,
    authTime,
    expiresAt: Math.floor(end / 1000),
  };
}
