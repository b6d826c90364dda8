import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { GatewayError } from '../errors.ts';
import { describeError, type Logger } from '../observe/logger.ts';
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
  /** `performance.now()` by which the head of the answer must be here. */
  readonly deadline: number;
  /** Milliseconds for that head after the last byte of an upload that outlasts the deadline. */
  readonly timeoutMs: number;
  /** Milliseconds for which a client may leave a running answer unread. */
  readonly idleTimeoutMs: number;
  readonly requestId: string;
  readonly logger: Logger;
}

/**
 * One request to the upstream and its answer, streamed. The handler is undici's raw one: header names, duplicates and
 * bytes arrive as they were sent, and nothing is parsed that is then written again.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #settings: ExchangeSettings;
  /** `waiting` for the head, `answering`, or `over`: whatever comes late is no longer heard. */
  #state: 'waiting' | 'answering' | 'over' = 'waiting';
  #abort: ((error?: Error) => void) | undefined;
  #resume: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #outlasted = false;
  #resolve: () => void = ignore;
  #reject: (error: GatewayError) => void = ignore;
  readonly #onClose = (): void => {
    this.#end();
    this.#resolve();
  };

  constructor(settings: ExchangeSettings) {
    this.#settings = settings;
  }

  /**
   * Resolves when the exchange is over, whoever ended it.
   * @param handler stands before this one and hands on to it
   * @throws GatewayError while nothing was sent to the client
   */
  run(
    dispatcher: Dispatcher,
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler = this,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#settings.res.on('close', this.#onClose);
      this.#armDeadline(this.#settings.deadline - performance.now());
      dispatcher.dispatch(options, handler);
    });
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
    clearTimeout(this.#timer);
    this.#state = 'answering';
    this.#resume = resume;
    // one tick later: a body that came with the head then leaves with it, in one packet
    process.nextTick(flushHead, res);
    return true;
  }

  onData(chunk: Buffer): boolean {
    const { res, idleTimeoutMs } = this.#settings;
    if (res.write(chunk)) return true;
    res.once('drain', this.#onDrain);
    this.#timer = setTimeout(this.#onUnread, idleTimeoutMs);
    return false;
  }

  onComplete(): void {
    this.#state = 'over';
    this.#settings.res.end();
  }

  onError(error: Error): void {
    if (this.#state === 'waiting') this.#fail(upstreamError(error));
    else if (this.#state === 'answering') this.#breakOff(error);
  }

  readonly #onDrain = (): void => {
    clearTimeout(this.#timer);
    this.#resume?.();
  };

  readonly #onUnread = (): void => {
    this.#breakOff(new Error('the client does not read'));
  };

  readonly #onDeadline = (): void => {
    const { body, timeoutMs } = this.#settings;
    // while the client still uploads, the upstream is not late
    if (body !== undefined && (this.#outlasted || !body.received)) {
      const left = body.lastByteAt + timeoutMs - performance.now();
      if (left >= 1) {
        this.#outlasted = true;
        this.#armDeadline(left);
        return;
      }
    }
    this.#fail(new GatewayError('upstream_timeout', 'The chat server did not answer in time.'));
  };

  #armDeadline(milliseconds: number): void {
    // undici's own timeouts tick in half seconds, and do not run before a connection is there
    this.#timer = setTimeout(this.#onDeadline, Math.max(1, milliseconds));
  }

  #breakOff(error: Error): void {
    const { res, logger, requestId } = this.#settings;
    logger.warn({ requestId, error: describeError(error) }, 'the answer of the upstream broke off');
    breakOff(res);
    this.#end();
  }

  #fail(error: GatewayError): void {
    this.#settings.res.off('close', this.#onClose);
    this.#end();
    this.#reject(error);
  }

  #end(): void {
    clearTimeout(this.#timer);
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#abort?.();
    this.#settings.body?.destroy();
  }
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
