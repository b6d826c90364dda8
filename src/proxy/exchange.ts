import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type Dispatcher } from 'undici';
import { GatewayError } from '../errors.ts';
import { describeError, type Logger } from '../observe/logger.ts';
import { Link } from './chain.ts';
import type { Deadlines, Due } from './deadlines.ts';
import { sendContinue } from './expect-continue.ts';
import { responseHeaders, type HeaderRules } from './forward-headers.ts';
import type { RequestBody } from './request-body.ts';
import { breakOff, writeResponseHead } from './response-head.ts';
import { upstreamError } from './upstream.ts';

const NOTHING = Buffer.alloc(0);

/** What one exchange needs to know. */
export interface ExchangeSettings {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** The upload, when it is streamed. */
  readonly body: RequestBody | undefined;
  readonly rules: HeaderRules;
  readonly noStore: boolean;
  /** Its `deadline`, a `performance.now()`, is when the head of the answer must be here; its `requestId` is for the log. */
  readonly plan: { readonly deadline: number; readonly requestId: string };
  readonly deadlines: Deadlines;
  /** Milliseconds for that head after the last byte of an upload that outlasts the deadline. */
  readonly timeoutMs: number;
  /** Milliseconds for which a client may leave a running answer unread, and the upstream be silent in it. */
  readonly idleTimeoutMs: number;
  readonly logger: Logger;
}

/**
 * One request to the upstream and its answer, streamed. The handler is undici's raw one: header names, duplicates and
 * bytes arrive as they were sent, and nothing is parsed that is then written again.
 */
export class Exchange extends Link implements Dispatcher.DispatchHandler, Due {
  /** `performance.now()` by which the head of the answer must be here, and from then on the next part of its body. */
  deadline: number;
  readonly #settings: ExchangeSettings;
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
  /** The client has the answer, or has left. */
  readonly #onClose = (): void => {
    this.#end();
    this.#done();
  };

  constructor(settings: ExchangeSettings) {
    super();
    this.#settings = settings;
    this.deadline = settings.plan.deadline;
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
    const { res, deadlines, idleTimeoutMs } = this.#settings;
    if (handler === this) this.#silenceMs = idleTimeoutMs;
    res.on('close', this.#onClose);
    deadlines.add(this);
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
    sendContinue(this.#settings.req, this.#settings.res);
  }

  onHeaders(status: number, rawHeaders: Buffer[], resume: () => void, statusText: string): boolean {
    if (status < 200) return true;
    const { res, rules, noStore } = this.#settings;
    writeResponseHead(res, status, statusText, responseHeaders(rules, rawHeaders, status, noStore));
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
    const { res, idleTimeoutMs } = this.#settings;
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
    }, idleTimeoutMs);
    return false;
  }

  onComplete(): void {
    this.#state = 'over';
    const { res, deadlines } = this.#settings;
    deadlines.delete(this);
    const first = this.#first;
    this.#held = false;
    this.#first = undefined;
    if (first !== undefined) writeWithHead(res, first);
    res.end();
  }

  onError(error: Error): void {
    if (this.#state === 'waiting') this.#fail(upstreamError(error));
    else if (this.#state === 'answering') this.#breakOff(error);
  }

  /** Sends what was held back to leave with more. */
  release(): void {
    if (!this.#held) return;
    const { res } = this.#settings;
    const first = this.#first;
    this.#held = false;
    this.#first = undefined;
    if (first === undefined) flushHead(res);
    else if (!res.destroyed) res.write(first);
  }

  expired(): void {
    if (this.#state === 'answering') {
      this.#breakOff(new errors.BodyTimeoutError());
      return;
    }
    const { body, timeoutMs, deadlines } = this.#settings;
    // while the client still uploads, the upstream is not late
    if (body !== undefined && (this.#outlasted || !body.received)) {
      const until = body.lastByteAt + timeoutMs;
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
    const { res, logger, plan } = this.#settings;
    logger.warn(
      { requestId: plan.requestId, error: describeError(error) },
      'the answer of the upstream broke off',
    );
    this.release();
    breakOff(res);
    this.#end();
  }

  #fail(error: GatewayError): void {
    this.#settings.res.off('close', this.#onClose);
    this.#end();
    this.#done(error);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#settings.deadlines.delete(this);
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#abort?.();
    this.#settings.body?.destroy();
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
  // until the exchange runs there is nobody to tell
}
