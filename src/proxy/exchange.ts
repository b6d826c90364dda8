import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type Dispatcher } from 'undici';
import type { UpstreamConfig } from '../config/gateway-config.ts';
import { GatewayError } from '../errors.ts';
import { describeError, type Logger } from '../observe/logger.ts';
import { atClose, type ClosingTask } from './at-close.ts';
import { Link } from './chain.ts';
import type { Deadlines, Due } from './deadlines.ts';
import { sendContinue } from './expect-continue.ts';
import { responseHeaders, type HeaderRules } from './forward-headers.ts';
import type { RequestBody } from './request-body.ts';
import { breakOff, writeResponseHead } from './response-head.ts';
import { upstreamError } from './upstream.ts';

const NOTHING = Buffer.alloc(0);

/** What all exchanges of a proxy share. */
export interface ExchangeMeans {
  readonly rules: HeaderRules;
  readonly deadlines: Deadlines;
  /**
   * `timeoutMs` is also for the head of an answer after the last byte of an upload that outlasts the deadline; for
   * `idleTimeoutMs` a client may leave a running answer unread, and the upstream be silent in it.
   */
  readonly upstream: UpstreamConfig;
  readonly logger: Logger;
}

/** What one exchange needs to know. */
export interface ExchangeParts {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** The upload, when it is streamed. */
  readonly body: RequestBody | undefined;
  readonly plan: ExchangePlan;
}

/** What of the gateway's decision still counts once the request is on its way. */
export interface ExchangePlan {
  /** The answer is for one person: `Cache-Control: no-store`, whatever the upstream says. */
  readonly noStore: boolean;
  /**
   * `performance.now()` by which the head of the answer must be here. While an upload outlasts it, the upstream has
   * `timeoutMs` from the client's last byte.
   */
  readonly deadline: number;
  /** For the log. */
  readonly requestId: string;
}

/**
 * One request to the upstream and its answer, streamed. The handler is undici's raw one: header names, duplicates and
 * bytes arrive as they were sent, and nothing is parsed that is then written again.
 */
export class Exchange extends Link implements Dispatcher.DispatchHandler, Due, ClosingTask {
  nextTask: ClosingTask | undefined;
  /** `performance.now()` by which the head of the answer must be here, and from then on the next part of its body. */
  deadline: number;
  readonly #means: ExchangeMeans;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #body: RequestBody | undefined;
  readonly #plan: ExchangePlan;
  /** `waiting` for the head, `answering`, or `over`: whatever comes late is no longer heard. */
  #state: 'waiting' | 'answering' | 'over' = 'waiting';
  #abort: ((error?: Error) => void) | undefined;
  #resume: (() => void) | undefined;
  /** Of a client that does not read. */
  #timer: NodeJS.Timeout | undefined;
  #outlasted = false;
  /** Milliseconds for which the upstream may be silent in mid-answer; Infinity where undici watches over that. */
  #silenceMs = Infinity;
  /** The head is written and waits for a first chunk, to leave with it. */
  #held = false;
  #first: Buffer | undefined;
  #done: (error?: GatewayError) => void = ignore;

  // taken apart, not kept: V8 may allocate object literals that were often found alive in its old space, and all that
  // such a one refers to then outlives the request
  constructor(means: ExchangeMeans, { req, res, body, plan }: ExchangeParts) {
    super();
    this.#means = means;
    this.#req = req;
    this.#res = res;
    this.#body = body;
    this.#plan = plan;
    this.deadline = plan.deadline;
  }

  /**
   * Begins.
   * @param done told once, when it is over, whoever ended it; with the error while nothing was sent to the client
   * @param handler stands before this one and hands on to it. What it holds back is not seen here, so that then a
   * `bodyTimeout` has to be among the options
   */
  run(
    dispatcher: Dispatcher,
    options: Dispatcher.DispatchOptions,
    done: (error?: GatewayError) => void,
    handler: Dispatcher.DispatchHandler = this,
  ): void {
    this.#done = done;
    if (handler === this) this.#silenceMs = this.#means.upstream.idleTimeoutMs;
    atClose(this.#res, this);
    this.#means.deadlines.add(this);
    dispatcher.dispatch(options, handler);
  }

  /** Nobody waits for an answer any more. */
  get over(): boolean {
    return this.#state === 'over';
  }

  /** A connection is there and the request about to be written. */
  onConnect(abort: (error?: Error) => void): void {
    // thrown, not aborted: undici then drops the request and keeps the connection
    if (this.#state === 'over') throw new Error('the exchange is over');
    this.#abort = abort;
    sendContinue(this.#req, this.#res);
  }

  onHeaders(status: number, rawHeaders: Buffer[], resume: () => void, statusText: string): boolean {
    if (status < 200) return true;
    const headers = responseHeaders(this.#means.rules, rawHeaders, status, this.#plan.noStore);
    writeResponseHead(this.#res, status, statusText, headers);
    this.#heard();
    this.#state = 'answering';
    this.#resume = resume;
    // one tick later: a body that came with the head then leaves with it, in one packet
    this.#held = true;
    process.nextTick(release, this);
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.#heard();
    if (this.#held && this.#first === undefined) {
      this.#first = chunk;
      return true;
    }
    this.release();
    const res = this.#res;
    if (res.write(chunk)) return true;
    // nothing is read from the upstream, so it is not the one who is silent
    this.deadline = Infinity;
    res.once('drain', () => {
      clearTimeout(this.#timer);
      this.#heard();
      this.#resume?.();
    });
    this.#timer = setTimeout(() => {
      this.#breakOff(new Error('the client does not read'));
    }, this.#means.upstream.idleTimeoutMs);
    return false;
  }

  onComplete(): void {
    this.#state = 'over';
    this.#means.deadlines.delete(this);
    const first = this.#first;
    this.#held = false;
    this.#first = undefined;
    if (first !== undefined) writeWithHead(this.#res, first);
    this.#res.end();
  }

  onError(error: Error): void {
    if (this.#state === 'waiting') this.#fail(upstreamError(error));
    else if (this.#state === 'answering') this.#breakOff(error);
  }

  /** Sends what was held back to leave with more. */
  release(): void {
    if (!this.#held) return;
    const res = this.#res;
    const first = this.#first;
    this.#held = false;
    this.#first = undefined;
    if (first === undefined) flushHead(res);
    else if (!res.destroyed) res.write(first);
  }

  /** The client has the answer, or has left. */
  closed(): void {
    this.#end();
    this.#over();
  }

  expired(): void {
    if (this.#state === 'answering') {
      this.#breakOff(new errors.BodyTimeoutError());
      return;
    }
    const { upstream, deadlines } = this.#means;
    const body = this.#body;
    // while the client still uploads, the upstream is not late
    if (body !== undefined && (this.#outlasted || !body.received)) {
      const until = body.lastByteAt + upstream.timeoutMs;
      if (until - performance.now() >= 1) {
        this.#outlasted = true;
        this.deadline = until;
        deadlines.add(this);
        return;
      }
    }
    this.#fail(new GatewayError('upstream_timeout', 'The chat server did not answer in time.'));
  }

  /** The upstream has just said something. */
  #heard(): void {
    this.deadline = performance.now() + this.#silenceMs;
  }

  #breakOff(error: Error): void {
    this.#means.logger.warn(
      { requestId: this.#plan.requestId, error: describeError(error) },
      'the answer of the upstream broke off',
    );
    this.release();
    breakOff(this.#res);
    this.#end();
  }

  #fail(error: GatewayError): void {
    this.#end();
    this.#over(error);
  }

  /** Tells of the end, once. */
  #over(error?: GatewayError): void {
    const done = this.#done;
    this.#done = ignore;
    done(error);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#means.deadlines.delete(this);
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#abort?.();
    this.#body?.destroy();
  }
}

/** Bodies up to this size are copied to leave with their head. */
const ONE_WRITE_BYTES = 16 * 1024;

/** Head and whole body, as one string of bytes where they are short: that is one plain write to the socket. */
function writeWithHead(res: ServerResponse, body: Buffer): void {
  if (body.length > ONE_WRITE_BYTES) {
    res.write(body);
    return;
  }
  // the end of a body of known length writes nothing, so there is nothing to wait for
  const socket = res.chunkedEncoding ? null : res.socket;
  socket?.cork();
  res.write(body.toString('latin1'), 'latin1');
  socket?.uncork();
}

function release(exchange: Exchange): void {
  exchange.release();
}

/**
 * Sends the head before there is a body. An empty chunk does it byte for byte, where `flushHeaders` would write header
 * values as UTF-8.
 */
function flushHead(res: ServerResponse): void {
  if (res.writableEnded || res.destroyed) return;
  const bodiless = res.req.method === 'HEAD' || res.statusCode === 204 || res.statusCode === 304;
  if (bodiless) res.flushHeaders();
  else res.write(NOTHING);
}

function ignore(): void {
  // before the exchange runs, and once it has been told, there is nobody to tell
}
