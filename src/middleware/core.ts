import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Queue } from '../config/gateway-config.ts';
import { GatewayError, MisuseError } from '../errors.ts';
import { describeBug } from '../observe/logger.ts';
import type { Header } from '../proxy/identity-headers.ts';
import type { AnswerReading } from '../proxy/held-answer.ts';
import { endOnError } from '../proxy/end-on-error.ts';
import { sendContinue } from '../proxy/expect-continue.ts';
import { readAddress, type Address } from '../queues/canonical-path.ts';
import type { FoundChat } from './chats.ts';
import { answerFailure, refuseUpgrade } from './failure.ts';
import { contextFor, handOver, restoreBody } from './hand-over.ts';
import type { Entry } from './identity-block.ts';
import { isNavigation } from './navigation.ts';
import { answerQueuePreflight } from './preflight.ts';
import { admittanceOf } from './open-exchanges.ts';
import { Plan } from './plan.ts';
import { shareRefusal } from './preset-refusals.ts';
import { bodyOf, requestBytes } from './request-bytes.ts';
import type { Runtime } from './runtime.ts';
import {
  admit,
  challenge,
  isSecure,
  withLoginUrl,
  type Admission,
  type SecureQueue,
} from './secure-queue.ts';
import { checkOrigin, checkTarget, targetBelow } from './target.ts';

const NO_BODY = Buffer.alloc(0);

/** The plain handler that decides and proxies, before and without Express. */
export interface Core {
  /** `own` is called for the gateway's own routes; `host`, in a drop-in without upstream, for what may go on. */
  handle(req: IncomingMessage, res: ServerResponse, own: () => void, host?: () => void): void;
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** One core for both faces, for one configuration. */
export function createCore(runtime: Runtime): Core {
  return {
    handle(req, res, own, host) {
      if (runtime.drain.leaving) res.shouldKeepAlive = false;
      const failed = (error: unknown): void => {
        try {
          answerFailure(runtime, req, res, error);
        } catch (failure) {
          lastResort(runtime, res, failure);
        }
      };
      try {
        decide(runtime, req, res, { own, host, failed })?.catch(failed);
      } catch (error) {
        failed(error);
      }
    },
    upgrade(req, socket, head) {
      // a client that resets while its upgrade is being decided must not take the process with it
      endOnError(socket);
      decideUpgrade(runtime, req, socket, head)
        .catch((error: unknown) => {
          refuseUpgrade(runtime, req, socket, error);
        })
        .catch((error: unknown) => {
          lastResort(runtime, socket, error);
        });
    },
  };
}

/** A failure in telling of a failure ends one connection, never the process. */
function lastResort(runtime: Runtime, connection: { destroy(): unknown }, error: unknown): void {
  connection.destroy();
  runtime.logger.error({ bug: describeBug(error) }, 'a failure could not be answered');
}

/** Ways on from the core. */
interface Ways {
  readonly own: () => void;
  readonly host: (() => void) | undefined;
  readonly failed: (error: unknown) => void;
}

/** Where nothing has to be waited for there is no promise: an open queue, and an entry that is known. */
function decide(
  runtime: Runtime,
  req: IncomingMessage,
  res: ServerResponse,
  ways: Ways,
): Promise<void> | undefined {
  checkTarget(req);
  runtime.cookieless.notice(req);
  runtime.sessions.notice(req);
  const address = addressOf(runtime, req);
  if (runtime.isOwnRoute(address.path)) {
    // Express routes by this
    req.url = address.target;
    sendContinue(req, res);
    ways.own();
    return undefined;
  }
  const passage = { req, res, address, body: undefined, ways, chat: undefined };
  if (runtime.preset !== undefined || runtime.chats !== undefined || needsBody(runtime, req, address))
    return readAndRoute(runtime, passage);
  if (answerQueuePreflight(runtime, req, res, address)) return undefined;
  runtime.drain.check();
  const { method = 'GET', rawHeaders } = req;
  return route(runtime, passage, runtime.resolver.resolve({ method, address, rawHeaders }));
}

async function readAndRoute(runtime: Runtime, passage: Passage): Promise<void> {
  const { req, res, address, ways } = passage;
  if (await runtime.preset?.answer(runtime, req, res, address)) return;
  if (answerQueuePreflight(runtime, req, res, address)) return;
  let body: Buffer | undefined;
  let named: Queue | undefined;
  const failed = (error: unknown): void => {
    // a secure queue has said itself which pages may read its answers
    if (!isSecure(named)) shareRefusal(runtime, req, res, address, body);
    ways.failed(error);
  };
  try {
    runtime.drain.check();
    if (needsBody(runtime, req, address)) body = await requestBytes(runtime, req, res);
    const { queue, chat } = await placeOf(runtime, req, address, body);
    named = queue;
    const placed = { ...passage, body, chat, ways: { ...ways, failed } };
    await route(runtime, isSecure(queue) ? placed : await withPresetBody(runtime, placed), queue);
  } catch (error) {
    failed(error);
  }
}

function route(runtime: Runtime, passage: Passage, queue: Queue | undefined): Promise<void> | undefined {
  if (!isSecure(queue)) {
    passOn(runtime, passage);
    return undefined;
  }
  const { req, res, chat } = passage;
  runtime.cors.share(req, res, queue.customerKey);
  const plain = chat === undefined && runtime.preset === undefined;
  const known = plain ? runtime.knownEntries.find(req, queue) : undefined;
  if (known === undefined) return enter(runtime, passage, queue);
  const { admission, admittance, identity } = known;
  if (!runtime.exchanges.admit(admission.sessionId, res, admittance))
    return challenge(runtime, req, res, queue, passage.address);
  if (admittance.place !== undefined) runtime.queueUse.note(admittance.place);
  passOn(runtime, passage, { queue, admission, identity: identity.headers });
  return undefined;
}

function addressOf(runtime: Runtime, req: IncomingMessage): Address {
  const address = readAddress(targetBelow(runtime.config.publicPath, req));
  return runtime.preset?.addressOf(address) ?? address;
}

async function withPresetBody(runtime: Runtime, passage: Passage, entry?: Entry): Promise<Passage> {
  const body = await runtime.preset?.bodyFor(runtime, passage, entry);
  return body === undefined ? passage : { ...passage, body };
}

/** A request on its way through. */
interface Passage {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly address: Address;
  /** Bytes that a body rule has read. */
  readonly body: Buffer | undefined;
  readonly ways: Ways;
  /** The chat that it names. */
  readonly chat: FoundChat | undefined;
}

/** An entry, with the headers that say so. */
interface IdentifiedEntry extends Entry {
  readonly identity: readonly Header[];
}

async function enter(runtime: Runtime, passage: Passage, queue: SecureQueue): Promise<void> {
  const { req, res, address, chat } = passage;
  let admission: Admission | undefined;
  try {
    await runtime.preset?.logIn(runtime, passage, queue);
    admission = await admit(runtime, req, queue, runtime.contextOf(req).deadline, chat);
  } catch (error) {
    throw withLoginUrl(runtime, error, queue, address, isNavigation(req.method, req.headers));
  }
  if (admission === undefined) {
    await challenge(runtime, req, res, queue, address);
    return;
  }
  const rewritten = await withPresetBody(runtime, passage, { queue, admission });
  const identity = await runtime.identityBlock({ queue, admission });
  if (chat === undefined) runtime.knownEntries.keep(req, queue, admission, identity);
  // after the last wait: nothing may end the session between this and the request's way out
  if (!runtime.exchanges.admit(admission.sessionId, res, admittanceOf(admission.record, queue))) {
    await challenge(runtime, req, res, queue, address);
    return;
  }
  passOn(runtime, rewritten, { queue, admission, identity: identity.headers });
}

function passOn(runtime: Runtime, { req, res, address, body, ways }: Passage, entry?: IdentifiedEntry): void {
  const identity = entry?.identity;
  const reading = entry && answerReading(runtime, req, address, entry);
  if (runtime.proxy !== undefined) {
    runtime.proxy.send(req, res, new Plan(runtime, req, address, { identity, body, reading }), ways.failed);
    return;
  }
  if (ways.host === undefined)
    throw new MisuseError('without an upstream the gateway needs a host application to go on to');
  const context =
    entry && contextFor(entry.queue, entry.queue.connection.name, entry.admission.record.identity);
  handOver(req, runtime.wall, identity, context);
  if (identity !== undefined) res.setHeader('Cache-Control', 'no-store');
  restoreBody(req, body);
  sendContinue(req, res);
  ways.host();
}

function needsBody(runtime: Runtime, { method = 'GET' }: IncomingMessage, address: Address): boolean {
  return runtime.resolver.needsBody(method, address) || runtime.chats?.needsBody(method, address) === true;
}

function answerReading(
  runtime: Runtime,
  req: IncomingMessage,
  address: Address,
  entry: Entry,
): AnswerReading | undefined {
  const requestId = () => runtime.contextOf(req).requestId;
  return runtime.chats?.reading(
    req.method ?? 'GET',
    address,
    entry,
    requestId,
    runtime.preset?.secretFor(req),
  );
}

/** The queue that the request is for, and the chat. A chat is in the queue where it was started, whatever the address. */
async function placeOf(
  runtime: Runtime,
  req: IncomingMessage,
  address: Address,
  bytes: Buffer | undefined,
): Promise<{ queue: Queue | undefined; chat: FoundChat | undefined }> {
  const { method = 'GET', rawHeaders } = req;
  const request = { method, address, rawHeaders, ...(bytes && { body: bodyOf(req, bytes) }) };
  const named = runtime.resolver.resolve(request);
  const chat = await runtime.chats?.find(request, named);
  return { queue: chat?.queue ?? named, chat };
}

async function decideUpgrade(
  runtime: Runtime,
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  checkTarget(req);
  const subprotocol = runtime.cookieless.notice(req, true);
  const address = addressOf(runtime, req);
  if (runtime.proxy === undefined || runtime.isOwnRoute(address.path))
    throw new GatewayError('not_found', 'There is nothing to upgrade to here.');
  runtime.drain.check();
  runtime.sessions.notice(req);
  // an upgrade has no body, so a body rule finds nothing in it
  const { queue, chat } = await placeOf(runtime, req, address, NO_BODY);
  let identity: readonly Header[] | undefined;
  let reading: AnswerReading | undefined;
  if (isSecure(queue)) {
    checkOrigin(runtime, req, queue);
    await runtime.sessions.prepareUpgrade(req);
    runtime.sessions.notice(req);
    const admission = await admit(runtime, req, queue, runtime.contextOf(req).deadline, chat).catch(
      (error: unknown) => {
        throw withLoginUrl(runtime, error, queue, address, false);
      },
    );
    if (admission === undefined) throw runtime.loginRequired(queue);
    identity = (await runtime.identityBlock({ queue, admission })).headers;
    reading = answerReading(runtime, req, address, { queue, admission });
    if (!runtime.exchanges.admit(admission.sessionId, socket, admittanceOf(admission.record, queue)))
      throw runtime.loginRequired(queue);
  }
  const decided = { identity, body: undefined, reading, subprotocol };
  await runtime.proxy.upgrade(req, socket, head, new Plan(runtime, req, address, decided));
}
