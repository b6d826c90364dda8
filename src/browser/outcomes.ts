import type { Landing } from './address.ts';
import type { Pending } from './begin-login.ts';
import type { Call, IssuedToken } from './calls.ts';
import type { Events } from './events.ts';
import type { TabIdentity } from './identity.ts';
import type { SecureChatError } from './refusal.ts';
import type { TabStorage } from './storage.ts';
import type { LoginOutcome, SessionInfo } from './types.ts';

/** A login in vain is not tried again by itself for so long: a page that starts one whenever it loads would never rest. */
const REST_MS = 300_000;

/** What a login comes to, and who is told. */
export interface Outcomes {
  /** Says that nobody is verified. */
  failed(reason: string): LoginOutcome;
  /** Trades what came back for an identity. */
  finish(pending: Pending, landing: Landing): Promise<LoginOutcome>;
  /** Somebody who is verified already needs no login. */
  standing(): Promise<LoginOutcome | undefined>;
  /** Why a page that logs in by itself should rest. */
  tired(): string | undefined;
}

/** The outcomes of one tab. */
export function createOutcomes(
  storage: TabStorage,
  events: Events,
  call: Call,
  identity: TabIdentity,
): Outcomes {
  function failed(reason: string): LoginOutcome {
    storage.write('failed', { reason, at: Date.now() });
    events.emit('login-required', { ...identity.queue(), reason });
    return { status: 'login-required', reason };
  }

  function verified(session: SessionInfo): LoginOutcome {
    storage.write('failed', undefined);
    events.emit('verified', { ...identity.queue(), session });
    return { status: 'verified', session };
  }

  async function finish({ verifier, ...queue }: Pending, landing: Landing): Promise<LoginOutcome> {
    const { authCode, authError } = landing;
    if (!authCode) return failed(authError ?? 'login_required');
    try {
      identity.accept(verifier ? await claim({ authCode, verifier, ...queue }) : undefined);
    } catch (error) {
      const { status, code } = error as SecureChatError;
      if (status === 401) return failed(code);
      throw error;
    }
    const session = await identity.session();
    if (session.authenticated || session.pending) return verified(session);
    identity.forget();
    if (!verifier) identity.refuseCookies();
    return failed(verifier ? 'login_required' : 'cookies_refused');
  }

  /** Once more when no answer came: a connection may break, and a handle that has arrived is refused. */
  const claim = (proof: object) =>
    call('/token', {}, proof).catch((error: unknown) => {
      if ((error as SecureChatError).status) throw error;
      return call('/token', {}, proof);
    }) as Promise<IssuedToken>;

  return {
    failed,
    finish,
    async standing() {
      if (identity.over() || !(identity.probable() || identity.carries().cookies)) return undefined;
      const session = await identity.session();
      if (!session.authenticated && !session.pending) return undefined;
      if (!identity.known()) identity.accept();
      return verified(session);
    },
    tired() {
      const last = storage.read('failed');
      const isClick = (navigator as { userActivation?: UserActivation }).userActivation?.isActive;
      return last && !isClick && Date.now() - last.at < REST_MS ? last.reason : undefined;
    },
  };
}
