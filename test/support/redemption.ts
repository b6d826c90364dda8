import assert from 'node:assert/strict';
import type { Browser } from './browser.ts';
import { LOGIN } from './login-walk.ts';
import { codeOf } from './problem-code.ts';
import type { Behaviour } from './provider.ts';
import type { System } from './system.ts';

/** What a redemption against a misbehaving provider came to, seen from outside. */
export interface Verdict {
  readonly status: number;
  readonly code: string;
  /** Requests that the upstream got for it. */
  readonly arrived: number;
  readonly authenticated: boolean;
  readonly visitor: Browser;
}

/** A login at a good provider, whose code is then redeemed by a secure-queue request while the provider misbehaves. */
export async function redeemUnder(system: System, behaviour: Behaviour): Promise<Verdict> {
  const { url, provider, upstream } = system;
  const visitor = system.browser();
  provider.behave({});
  const landed = await visitor.open(url + LOGIN);
  assert.match(landed.url, /authCode=/);
  const before = upstream.requests.length;
  provider.behave(behaviour);
  const visit = await visitor.fetch(`${url}/queues/q_bank`);
  provider.behave({});
  const session = await visitor.fetch(`${url}/secure-chat/session`);
  const { authenticated } = JSON.parse(session.body) as { authenticated: boolean };
  return {
    status: visit.status,
    code: visit.status === 200 ? 'ok' : codeOf(visit),
    arrived: upstream.requests.length - before,
    authenticated,
    visitor,
  };
}

/** Fails unless the answer was refused and nothing came of it. */
export function assertRefused(verdict: Verdict, name: string, code = 'provider_error'): void {
  const status = code === 'provider_error' ? 502 : 503;
  assert.deepEqual(seenOf(verdict), { status, code, arrived: 0, authenticated: false }, name);
}

/** Fails unless the answer was believed. */
export function assertBelieved(verdict: Verdict, name: string): void {
  assert.deepEqual(seenOf(verdict), { status: 200, code: 'ok', arrived: 1, authenticated: true }, name);
}

function seenOf({ status, code, arrived, authenticated }: Verdict): Omit<Verdict, 'visitor'> {
  return { status, code, arrived, authenticated };
}
