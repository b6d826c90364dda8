import { parameters, type Call } from './calls.ts';
import { challengeOf, createVerifier } from './challenge.ts';
import type { TabIdentity } from './identity.ts';
import type { ReadSettings } from './settings.ts';
import type { Display, Queue } from './types.ts';

/** A login on its way. The verifier is in this tab only, and taken out of it when the login is back. */
export interface Pending extends Queue {
  /** Undefined for a login by cookie. */
  readonly verifier?: string;
}

/** A login that only waits to be gone to. */
export interface BegunLogin {
  readonly to: string;
  /** Undefined when the queue is open, and `to` the page itself. */
  readonly pending: Pending | undefined;
}

/** Asks the gateway for a login, by cookie where that works, else by challenge. */
export async function beginLogin(
  { gateway, origin }: ReadSettings,
  call: Call,
  identity: TabIdentity,
  login: { display: Display; interactive: boolean; returnTo?: string | undefined },
): Promise<BegunLogin> {
  const { display, interactive } = login;
  const queue = identity.queue();
  const carries = identity.carries();
  const target = new URL(login.returnTo ?? location.href, location.href);
  const wanted = { ...queue, returnTo: target.href, display };
  // a chat on the gateway's own site has the gateway's cookie, wherever it is opened from
  if (carries.cookies || (target.origin === origin && origin !== location.origin)) {
    const query = parameters({ ...wanted, interactive: interactive && '1' });
    return { to: `${gateway}/login?${query}`, pending: queue };
  }
  const verifier = createVerifier();
  const challenge = await challengeOf(verifier);
  const { location: to } = (await call('/login', carries, {
    ...wanted,
    interactive,
    challenge,
    challengeMethod: 'S256',
  })) as { location: string };
  return { to, pending: to.startsWith(`${gateway}/login?`) ? { ...queue, verifier } : undefined };
}
