import { once } from 'node:events';
import { request } from 'node:http';
import { readAnswers, type Answer } from './answers.ts';
import type { Facts } from './facts.ts';
import type { ReadRequest } from './lenient-framing.ts';
import { connectLoopback, isLoopback } from './loopback.ts';
import type { Upstream } from './upstream.ts';
import { UsageError } from './usage-error.ts';

/** What one exchange looked like from both sides. */
export interface Seen {
  readonly requests: readonly ReadRequest[];
  /** Bytes at the upstream. */
  readonly raw: string;
  readonly answers: readonly Answer[];
  readonly ms: number;
}

export interface ExchangeOptions {
  /** Bytes of the upstream's answers; '' cuts its connection; default an echo. */
  readonly answer?: string | undefined;
  /** Milliseconds for the target to answer in full. Default 3000. */
  readonly deadlineMs?: number | undefined;
  /** Milliseconds after that in which more may arrive at the upstream. Default 1. */
  readonly settleMs?: number | undefined;
}

/** One step of a browser. */
export interface Step {
  readonly status: number;
  /** Absolute, as a browser resolves it; undefined without a Location or with one that is no address. */
  readonly location: URL | undefined;
  readonly setCookies: readonly string[];
}

/** The hands of an attack: raw bytes to the target, and steps of a browser on loopback. */
export interface Rig {
  readonly facts: Facts;
  exchange(bytes: string, options?: ExchangeOptions): Promise<Seen>;
  /** @throws TypeError for an address that is not on loopback. */
  step(url: URL, cookie?: string): Promise<Step>;
}

/** The target takes no connections any more. */
export class TargetGone extends Error {
  override readonly name = 'TargetGone';
}

/**
 * Both sides of the target in one hand.
 * @param stepMs Milliseconds for the answer to a step. Default 5000.
 */
export function createRig(facts: Facts, upstream: Upstream, stepMs?: number): Rig {
  return {
    facts,
    async exchange(bytes, options = {}) {
      upstream.begin(options.answer);
      const began = performance.now();
      const answers = await talk(facts, bytes, options.deadlineMs ?? 3000);
      const ms = performance.now() - began;
      if (answers.length === 0) await checkListening(facts);
      await new Promise((resolve) => setTimeout(resolve, options.settleMs ?? 1));
      return { requests: upstream.requests, raw: upstream.raw, answers, ms };
    },
    async step(url, cookie) {
      upstream.begin();
      return await browserStep(url, cookie, stepMs);
    },
  };
}

/** No answer is an answer to much, but not when there is nobody left. */
async function checkListening({ hostname, port }: Facts): Promise<void> {
  const socket = connectLoopback(port, hostname);
  try {
    await once(socket, 'connect');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new TargetGone('the process ended', { cause: error });
  } finally {
    socket.destroy();
  }
}

function talk({ hostname, port }: Facts, bytes: string, deadlineMs: number): Promise<Answer[]> {
  const headOnly = bytes.startsWith('HEAD ');
  return new Promise((resolve, reject) => {
    const socket = connectLoopback(port, hostname);
    let text = '';
    const timer = setTimeout(() => socket.destroy(), deadlineMs);
    socket.setEncoding('latin1').setNoDelay(true);
    socket.once('connect', () => socket.write(bytes, 'latin1'));
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (readAnswers(text, headOnly, false).at(-1)?.complete === true) socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error instanceof UsageError) reject(error);
      if (error.code === 'ECONNREFUSED') reject(new TargetGone('the target takes no connections any more'));
    });
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(readAnswers(text, headOnly, true));
    });
  });
}

/** One request of a browser that opens a page. @throws TypeError for an address that is not on loopback. */
export function browserStep(url: URL, cookie: string | undefined, stepMs = 5000): Promise<Step> {
  if (!isLoopback(url.hostname)) throw new TypeError(`${url.hostname} is not on loopback`);
  const headers: Record<string, string> = {
    Accept: 'text/html',
    'Sec-Fetch-Mode': 'navigate',
    'Sec-Fetch-Dest': 'document',
    ...(cookie === undefined || cookie === '' ? {} : { Cookie: cookie }),
  };
  return new Promise((resolve, reject) => {
    const createConnection = () => connectLoopback(Number(url.port || '80'), url.hostname);
    const sent = request(url, { headers, createConnection }, (response) => {
      const { location } = response.headers;
      response.resume();
      resolve({
        status: response.statusCode ?? 0,
        location:
          location !== undefined && URL.canParse(location, url.href) ? new URL(location, url) : undefined,
        setCookies: response.headers['set-cookie'] ?? [],
      });
    });
    const timer = setTimeout(() => sent.destroy(new Error(`no answer within ${stepMs} ms`)), stepMs);
    sent.once('close', () => {
      clearTimeout(timer);
    });
    sent.on('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ECONNREFUSED' ? new TargetGone('nobody there', { cause: error }) : error);
    });
    sent.end();
  });
}
