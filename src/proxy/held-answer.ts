import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Dispatcher } from 'undici';
import type { RawHeaders } from './forward-headers.ts';

/** Somebody who has to have read an answer before the client gets a byte of it. */
export interface AnswerReading {
  /** Bytes of the longest answer that is read, with and without its content coding. */
  readonly limitBytes: number;
  /**
   * Told of the whole body of a successful JSON answer, without its content coding.
   *
   * @throws GatewayError, which the client then gets in place of the answer.
   */
  read(body: Buffer): Promise<void>;
  /** What the client gets in place of the body, once it has been read; default the body as it came. */
  readonly rewrite?: ((body: Buffer) => Buffer) | undefined;
  /** A successful answer could not be read, and passes on. `why` is a fixed text for the log. */
  missed(why: string): void;
}

/** The exchange behind it: an undici handler that can be asked whether anybody still waits. */
export interface AnsweringExchange {
  readonly over: boolean;
  /** A connection is there. */
  onConnect(abort: (error?: Error) => void): void;
  /** The head of the answer, with header names and values by turns. */
  onHeaders(status: number, rawHeaders: Buffer[], resume: () => void, statusText: string): boolean;
  /** False when no more is to come until `resume`. */
  onData(chunk: Buffer): boolean;
  /** The answer is whole. */
  onComplete(): void;
  /** It never will be. */
  onError(error: Error): void;
}

interface Head {
  readonly status: number;
  readonly rawHeaders: Buffer[];
  readonly statusText: string;
}

type Decode = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const CODINGS: Readonly<Record<string, Decode>> = {
  gzip: promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip),
  'x-gzip': promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip),
  deflate: promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate),
  br: promisify<Buffer, { maxOutputLength: number }, Buffer>(brotliDecompress),
};
/** Successes with a whole body of their own (RFC 9110, 15.3). */
const WITH_BODY = new Set([200, 201, 202, 203]);
const JSON_TYPE = /^[\w.-]+\/(?:[\w.-]+\+)*json[ \t]*(?:;|$)/i;

/**
 * Stands before an exchange and holds the upstream's answer back until it has been read. Every byte and header then goes
 * on unchanged. What is not held (no success, no JSON, too long) streams through at once.
 */
export class HeldAnswer implements Dispatcher.DispatchHandler {
  readonly #exchange: AnsweringExchange;
  readonly #reading: AnswerReading;
  #head: Head | undefined;
  #resume: () => void = nothing;
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(exchange: AnsweringExchange, reading: AnswerReading) {
    this.#exchange = exchange;
    this.#reading = reading;
  }

  onConnect(abort: (error?: Error) => void): void {
    this.#exchange.onConnect(abort);
  }

  onHeaders(status: number, rawHeaders: Buffer[], resume: () => void, statusText: string): boolean {
    const missed = this.#whyNot(status, rawHeaders);
    if (missed === undefined) {
      this.#head = { status, rawHeaders, statusText };
      this.#resume = resume;
      return true;
    }
    if (missed !== '') this.#reading.missed(missed);
    return this.#exchange.onHeaders(status, rawHeaders, resume, statusText);
  }

  onData(chunk: Buffer): boolean {
    if (this.#head === undefined) return this.#exchange.onData(chunk);
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length <= this.#reading.limitBytes) return true;
    this.#reading.missed('it is too long');
    return this.#release(this.#head, Buffer.concat(this.#chunks), this.#resume);
  }

  onComplete(): void {
    if (this.#head === undefined) this.#exchange.onComplete();
    else void this.#readThenRelease(this.#head, Buffer.concat(this.#chunks));
  }

  onError(error: Error): void {
    this.#exchange.onError(error);
  }

  /** Undefined for an answer to hold; empty for one that starts nothing and need not. */
  #whyNot(status: number, rawHeaders: Buffer[]): string | undefined {
    if (status < 200 || status > 299) return '';
    if (!WITH_BODY.has(status)) return 'it has no body, or a part of one';
    if (!JSON_TYPE.test(valueOf(rawHeaders, 'content-type') ?? '')) return 'it is no JSON';
    if (Number(valueOf(rawHeaders, 'content-length') ?? 0) > this.#reading.limitBytes)
      return 'it is too long';
    return undefined;
  }

  #release(head: Head, body: Buffer, resume: () => void): boolean {
    this.#head = undefined;
    this.#chunks = [];
    this.#exchange.onHeaders(head.status, head.rawHeaders, resume, head.statusText);
    return body.length === 0 || this.#exchange.onData(body);
  }

  async #readThenRelease(head: Head, body: Buffer): Promise<void> {
    try {
      const plain = await decode(
        body,
        valueOf(head.rawHeaders, 'content-encoding'),
        this.#reading.limitBytes,
      );
      if (plain === undefined) this.#reading.missed('its content coding cannot be read');
      else await this.#reading.read(plain);
      const rewritten = plain && this.#reading.rewrite?.(plain);
      if (rewritten !== undefined) {
        this.#finish({ ...head, rawHeaders: headersOf(head.rawHeaders, rewritten) }, rewritten);
        return;
      }
    } catch (error) {
      this.#exchange.onError(
        error instanceof Error ? error : new Error('the reading failed', { cause: error }),
      );
      return;
    }
    this.#finish(head, body);
  }

  #finish(head: Head, body: Buffer): void {
    if (this.#exchange.over) return;
    this.#release(head, body, nothing);
    this.#exchange.onComplete();
  }
}

/** Header names that speak of the bytes of a body. */
const OF_THE_BYTES =
  /^(?:content-(?:length|encoding|md5|digest|range)|(?:repr-)?digest|etag|accept-ranges)$/i;

/** The head of an answer whose body has been written anew. */
function headersOf(rawHeaders: readonly Buffer[], body: Buffer): Buffer[] {
  const kept: Buffer[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const [name, value] = rawHeaders.slice(i, i + 2);
    if (name === undefined || value === undefined || OF_THE_BYTES.test(name.toString('latin1'))) continue;
    kept.push(name, value);
  }
  return [...kept, Buffer.from('Content-Length'), Buffer.from(String(body.length))];
}

/** Asks for an answer that can be read: the client's own wishes for its coding stay behind (RFC 9110, 12.5.3). */
export function askForPlainAnswer(headers: RawHeaders): RawHeaders {
  const kept: RawHeaders = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (name.toLowerCase().replace(/[^a-z]/g, '-') !== 'accept-encoding')
      kept.push(name, headers[i + 1] ?? '');
  }
  kept.push('Accept-Encoding', 'identity');
  return kept;
}

async function decode(body: Buffer, coding: string | undefined, limit: number): Promise<Buffer | undefined> {
  const name = (coding ?? '').trim().toLowerCase();
  if (name === '' || name === 'identity') return body;
  if (!Object.hasOwn(CODINGS, name)) return undefined;
  return await CODINGS[name]?.(body, { maxOutputLength: limit }).catch(() => undefined);
}

/** All values of a header in one line; undefined when it is absent. */
function valueOf(rawHeaders: readonly Buffer[], wanted: string): string | undefined {
  const values: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toString('latin1').toLowerCase() === wanted)
      values.push(rawHeaders[i + 1]?.toString('latin1') ?? '');
  }
  return values.length === 0 ? undefined : values.join(', ');
}

function nothing(): void {
  // the upstream has said everything: there is nothing to go on with
}
