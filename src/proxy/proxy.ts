import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Pool } from 'undici';
import type { UpstreamConfig } from '../config/gateway-config.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import type { ClientTrust } from './client-trust.ts';
import { createConnector } from './connector.ts';
import { createDeadlines } from './deadlines.ts';
import { endOnError } from './end-on-error.ts';
import { Exchange, type ExchangeMeans, type ExchangePlan } from './exchange.ts';
import { createHeaderRules, requestHeaders, type RawHeaders } from './forward-headers.ts';
import { askForPlainAnswer, HeldAnswer, type AnswerReading } from './held-answer.ts';
import { createRawResponse } from './raw-response.ts';
import { announcesBody, assertUnread, RequestBody } from './request-body.ts';
import { asksForWebSocket, relayUpgrade } from './upgrade.ts';
import { joinTarget, publicLocation } from './upstream.ts';

/** Methods whose body every server reads (RFC 9110, 9.3); with any other, `Connection: close` ends what is read. */
const TAKES_BODY = new Set(['POST', 'PUT', 'PATCH']);

/** What a proxy is made of. */
export interface ProxySettings {
  /** Where browsers reach the upstream, without a trailing slash: redirects to its own address lead there. */
  readonly publicUrl: string;
  readonly upstream: UpstreamConfig;
  /** Names that fold to the prefix of identity headers: never taken from a client, never given to one. */
  readonly wall: { folds(name: string): boolean };
  /** Cookies of the gateway: never sent upstream, never set by the upstream. */
  readonly ownCookies: (name: string, value?: string) => boolean;
  readonly trust: ClientTrust;
  readonly logger: Logger;
}

/** What the gateway has decided about one request. */
export interface ForwardPlan extends ExchangePlan {
  /** Canonical path and query; the upstream's base path is put before it. */
  readonly target: string;
  /** Identity headers, written exactly once, after the client's own are gone. */
  readonly identity: readonly (readonly [string, string])[] | undefined;
  /** Bytes of a body that was read before: forwarded unchanged, with their length. */
  readonly body: Buffer | undefined;
  /** Who has to have read the answer before the client gets a byte of it; an answer by WebSocket is not read. */
  readonly reading?: AnswerReading | undefined;
  /** Of an upgrade: what the client is told when the upstream chooses no subprotocol. */
  readonly subprotocol?: string | undefined;
}

/** Streams requests to one upstream, and its answers back. */
export interface Proxy {
  /**
   * Resolves when the exchange is over: finished, broken, or left by the client.
   * @throws GatewayError `upstream_unreachable`, `upstream_timeout`, `request_malformed`, `draining`, only while nothing
   * was sent to the client
   * @throws TypeError when somebody else has read the body
   */
  forward(req: IncomingMessage, res: ServerResponse, plan: ForwardPlan): Promise<void>;
  /**
   * The same without a promise. `failed` is told of what `forward` rejects with; what it throws at once is thrown.
   */
  send(req: IncomingMessage, res: ServerResponse, plan: ForwardPlan, failed: (error: unknown) => void): void;
  /**
   * The same for an `upgrade` event. WebSocket becomes a tunnel; any other protocol is not offered to the upstream, and
   * the request answered as the plain one it then is (RFC 9110, 7.8). The deadline ends with the answer's head.
   * Resolves at the switch, though the tunnel stays open.
   * @throws as `forward`; the caller answers on the socket
   */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer, plan: ForwardPlan): Promise<void>;
  /** Breaks off what still runs. For the end of a drain. */
  close(): Promise<void>;
}

/** The engine: undici's pool for requests, `node:http` for upgrades, the same header passes for both. */
export function createProxy(settings: ProxySettings): Proxy {
  const { upstream } = settings;
  const engine: Engine = {
    ...settings,
    rules: createHeaderRules(
      (name) => settings.wall.folds(name),
      settings.ownCookies,
      (location) => publicLocation(upstream, settings.publicUrl, location),
    ),
    host: new URL(upstream.origin).host,
    pool: createPool(upstream),
    sockets: new Set(),
    deadlines: createDeadlines(),
  };
  return {
    send(req, res, plan, failed) {
      send(engine, req, res, plan, (error) => {
        if (error !== undefined) failed(error);
      });
    },
    forward: (req, res, plan) => forward(engine, req, res, plan),
    upgrade: (req, socket, head, plan) => upgrade(engine, req, socket, head, plan),
    async close() {
      for (const socket of engine.sockets) socket.destroy();
      await engine.pool.destroy();
    },
  };
}

interface Engine extends ProxySettings, ExchangeMeans {
  /** `Host` of the upstream. */
  readonly host: string;
  readonly pool: Pool;
  /** Sockets that node:http has let go of. */
  readonly sockets: Set<Duplex>;
}

async function forward(
  engine: Engine,
  req: IncomingMessage,
  res: ServerResponse,
  plan: ForwardPlan,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    send(engine, req, res, plan, (error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}

function send(
  engine: Engine,
  req: IncomingMessage,
  res: ServerResponse,
  plan: ForwardPlan,
  done: (error?: GatewayError) => void,
): void {
  const { upstream, pool } = engine;
  const headers = headersFor(engine, req, plan);
  const { reading } = plan;
  const body = plan.body ?? streamedBody(req);
  if (res.destroyed) {
    done();
    return;
  }
  const upload = body instanceof RequestBody ? body : undefined;
  const exchange = new Exchange(engine, { req, res, body: upload, plan });
  const path = joinTarget(upstream.basePath, plan.target);
  const method = req.method ?? 'GET';
  // a server that takes no body with this method must find nothing to read behind the head ("CL.0")
  const reset = body !== undefined && !TAKES_BODY.has(method);
  const options = reset
    ? { path, method, headers, body, reset }
    : { path, method, headers, body: body ?? null };
  if (reading === undefined) {
    exchange.run(pool, options, done);
    return;
  }
  // the exchange hears nothing of what is held back
  const watched = { ...options, bodyTimeout: upstream.idleTimeoutMs };
  exchange.run(pool, watched, done, new HeldAnswer(exchange, reading));
}

async function upgrade(
  engine: Engine,
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  plan: ForwardPlan,
): Promise<void> {
  const { rules, upstream, logger } = engine;
  keepSocket(engine.sockets, socket);
  if (socket.destroyed) return;
  if (announcesBody(req)) throw new GatewayError('request_malformed', 'A request to upgrade has no body.');
  if (!asksForWebSocket(req)) {
    await forwardRaw(engine, req, socket, plan);
    return;
  }
  const path = joinTarget(upstream.basePath, plan.target);
  const headers = headersFor(engine, req, plan);
  const { noStore, deadline, requestId, subprotocol } = plan;
  await relayUpgrade({
    req,
    socket,
    head,
    upstream,
    path,
    headers,
    rules,
    noStore,
    deadline,
    requestId,
    subprotocol,
    logger,
  });
}

function headersFor(engine: Engine, req: IncomingMessage, plan: ForwardPlan): RawHeaders {
  const headers = requestHeaders(engine.rules, {
    rawHeaders: req.rawHeaders,
    host: engine.host,
    forwarded: engine.trust.forwarded(req),
    bodyLength: plan.body?.length,
    identity: plan.identity,
  });
  return plan.reading === undefined ? headers : askForPlainAnswer(headers);
}

function createPool(upstream: UpstreamConfig): Pool {
  return new Pool(upstream.origin, {
    connect: createConnector(upstream.timeoutMs),
    pipelining: 1,
    // an exchange keeps its own deadlines
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

function streamedBody(req: IncomingMessage): RequestBody | undefined {
  if (!announcesBody(req)) return undefined;
  assertUnread(req);
  return new RequestBody(req);
}

/** Holds a socket that node:http has let go of: it has no listener for errors any more, and no server closes it. */
function keepSocket(sockets: Set<Duplex>, socket: Duplex): void {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  endOnError(socket);
}

async function forwardRaw(
  engine: Engine,
  req: IncomingMessage,
  socket: Duplex,
  plan: ForwardPlan,
): Promise<void> {
  const res = createRawResponse(req, socket);
  try {
    await forward(engine, req, res, plan);
  } catch (error) {
    // the caller's own response goes on this socket
    if (res.socket !== null) res.detachSocket(res.socket);
    throw error;
  }
}
