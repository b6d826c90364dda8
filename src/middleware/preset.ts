import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { GatewayError } from '../errors.ts';
import { readStartAuth } from '../presets/puzzel-v1-auth.ts';
import { parentsOf, rewriteBody, withoutAuth } from '../presets/puzzel-v1-bodies.ts';
import { takeTail, withTail } from '../presets/puzzel-v1-tail.ts';
import { saysJson } from '../presets/puzzel-v1-text.ts';
import { isPuzzelChat, puzzelCall } from '../presets/puzzel-v1.ts';
import type { Address } from '../queues/canonical-path.ts';
import { compileMatcher } from '../queues/rules.ts';
import type { Sealer } from '../session/seal.ts';
import type { StateStore } from '../session/state-store.ts';
import { foreignChat, type AnswerSecret } from './chats.ts';
import { createHandleOwners, type PageHolder } from './handle-owners.ts';
import type { Entry } from './identity-block.ts';
import { tradeHandle } from './puzzel-login.ts';
import { parentChats } from './puzzel-parents.ts';
import { puzzelRedirect } from './puzzel-redirect.ts';
import { customerOf, puzzelState } from './puzzel-state.ts';
import { bodyOf, requestBytes } from './request-bytes.ts';
import type { Runtime } from './runtime.ts';
import type { SecureQueue } from './secure-queue.ts';

/** A request whose queue is known. */
export interface PlacedRequest {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly address: Address;
  /** Bytes that a body rule has read. */
  readonly body: Buffer | undefined;
}

/** A vendor's own protocol: its addresses for logins, and what it says in bodies. */
export interface Preset {
  /** The address as the rest of the gateway and the upstream see it, see `takeTail`. */
  addressOf(address: Address): Address;
  /** Answers a request to one of the protocol's addresses for logins; false for every other. */
  answer(runtime: Runtime, req: IncomingMessage, res: ServerResponse, address: Address): Promise<boolean>;
  /** Is this an address of chats, whose preflights the gateway answers? */
  isChat(address: Address): boolean;
  /** Trades the handle that a start in a secure queue brings. */
  logIn(runtime: Runtime, request: PlacedRequest, queue: SecureQueue): Promise<void>;
  /** The session that the request's handle was traded for. */
  sessionOf(req: IncomingMessage): string | undefined;
  /** Does the request start a chat, whatever chat was open in this browser? */
  starts(req: IncomingMessage): boolean;
  /** What the answer to this start has to tell a page that no cookie will come from. */
  secretFor(req: IncomingMessage): AnswerSecret | undefined;
  /** The body that goes upstream; undefined when it is the client's own. Without an entry the queue is open. */
  bodyFor(runtime: Runtime, request: PlacedRequest, entry?: Entry): Promise<Buffer | undefined>;
  /** Remembers whose login a handle stands for; without a page it is the browser's that has the session. */
  keepHandle(handle: string, sessionId: string, login: HandleLogin, page?: PageHolder): Promise<void>;
}

/** What is remembered of the login behind a handle. */
export interface HandleLogin {
  readonly connectionId: string;
  readonly customerKey: string;
}

/** What has become of a start so far. */
interface Start {
  readonly sessionId: string | undefined;
  readonly secret: AnswerSecret | undefined;
}

const STATE = compileMatcher({ method: undefined, path: '{/*base}/auth/state/:customerKey' });
const REDIRECT = compileMatcher({ method: undefined, path: '{/*base}/auth/redirect' });
const HANDLE = /^[\w-]{43}$/;

/** The preset of the configuration; undefined without one. */
export function createPreset(
  { preset, customers }: Pick<GatewayConfig, 'preset' | 'customers'>,
  parts: { readonly state: StateStore; readonly sealer: Sealer },
): Preset | undefined {
  if (preset === undefined) return undefined;
  const owners = createHandleOwners(parts);
  const started = new WeakMap<IncomingMessage, Start>();
  const connectionNames = customers.flatMap(({ connections }) => connections.map(({ name }) => name));
  return {
    addressOf: takeTail,
    isChat: isPuzzelChat,
    answer: answerLogin,
    sessionOf: (req) => started.get(req)?.sessionId,
    starts: (req) => started.has(req),
    secretFor: (req) => started.get(req)?.secret,
    async logIn(runtime, { req, res, address, body }, queue) {
      if (body === undefined || puzzelCall(req.method ?? 'GET', address) !== 'start') return;
      const auth = readStartAuth(bodyOf(req, body));
      const login = auth && (await tradeHandle(runtime, owners, req, res, queue, auth));
      const secret = login?.cookieless === true ? newSecret() : undefined;
      started.set(req, { sessionId: login?.sessionId, secret });
    },
    async bodyFor(runtime, request, entry) {
      return entry === undefined
        ? await openBody(runtime, request, connectionNames)
        : await verifiedBody(runtime, request, entry);
    },
    keepHandle: (handle, sessionId, { connectionId, customerKey }, page) =>
      owners.keep(handle, { sessionId, connectionId, customerKey, holder: page ?? 'session' }),
  };
}

function newSecret(): AnswerSecret {
  const tail = `scg-${randomBytes(24).toString('base64url')}`;
  return { tail, write: (body) => withTail(body, tail) };
}

async function answerLogin(
  runtime: Runtime,
  req: IncomingMessage,
  res: ServerResponse,
  address: Address,
): Promise<boolean> {
  const { customerKey } = STATE.matchPath(address.decodedPath) ?? {};
  if (customerKey === undefined && REDIRECT.matchPath(address.decodedPath) === undefined) return false;
  runtime.securityHeaders(req, res);
  if (customerKey === undefined) {
    only('GET', req, res);
    await puzzelRedirect(runtime, req, res, address);
    return true;
  }
  if (runtime.cors.answerPreflight(req, res, customerOf(runtime, customerKey).customerKey)) return true;
  only('POST', req, res);
  const base = address.path.slice(0, address.path.toLowerCase().lastIndexOf('/auth/state/'));
  await puzzelState(runtime, req, res, { base, customerKey, address });
  return true;
}

function only(method: string, req: IncomingMessage, res: ServerResponse): void {
  if (req.method === method) return;
  res.setHeader('Allow', method);
  throw new GatewayError('method_not_allowed', `This address takes ${method} only, not ${req.method ?? ''}.`);
}

async function verifiedBody(
  runtime: Runtime,
  { req, res, address, body }: PlacedRequest,
  { queue, admission }: Entry,
): Promise<Buffer | undefined> {
  const call = puzzelCall(req.method ?? 'GET', address);
  if (call === undefined) return undefined;
  const bytes = body ?? (await requestBytes(runtime, req, res));
  const written = bodyOf(req, bytes);
  const { connection } = queue;
  const { identity } = admission.record;
  const rewritten = rewriteBody(call, written, { identity, connection });
  if (call === 'survey') {
    const place = { sessionId: admission.sessionId, connectionId: connection.id, queueKey: queue.queueKey };
    const parents = await parentChats(runtime, address, parentsOf(written, address.query), [
      queue.customerKey,
    ]);
    for (const parent of parents) await parent.admit(place, identity.subject);
  }
  return rewritten;
}

/** In an open queue nothing is verified: the body passes, without a handle that is the gateway's business. */
async function openBody(
  runtime: Runtime,
  { req, address, body }: PlacedRequest,
  connectionNames: readonly string[],
): Promise<Buffer | undefined> {
  const call = puzzelCall(req.method ?? 'GET', address);
  if (call === undefined || body === undefined || body.length === 0) return undefined;
  const written = bodyOf(req, body);
  if (call === 'survey') {
    const keys = runtime.config.customers.map(({ customerKey }) => customerKey);
    const parents = await parentChats(runtime, address, parentsOf(written, address.query), keys);
    if (parents.length > 0) throw foreignChat();
  }
  if (call !== 'start' || !saysJson(written)) return undefined;
  const auth = readStartAuth(written);
  const isOurs =
    HANDLE.test(auth?.code ?? '') ||
    (auth?.connectionName !== undefined && connectionNames.includes(auth.connectionName));
  return isOurs ? withoutAuth(written) : undefined;
}
