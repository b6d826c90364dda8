import { isFramedByStranger, takesCookieFor } from './cookie-probe.ts';
import { parameters, type Call, type Carries, type IssuedToken } from './calls.ts';
import { challengeOf } from './challenge.ts';
import type { Events } from './events.ts';
import { createHolding, type Held, type Holding } from './held.ts';
import type { SecureChatError } from './refusal.ts';
import type { ReadSettings } from './settings.ts';
import { isSameSite } from './site.ts';
import type { TabStorage } from './storage.ts';
import type { LoginOptions, Queue, SessionInfo } from './types.ts';

/** A token that lives shorter than this is not worth renewing: its identity is at its end. */
const SHORT_MS = 30_000;
/** How long a login without a token may count as there, before the gateway is asked. */
const GUESS_MS = 600_000;

/** The visitor of this tab: token or cookie, for one queue at a time. */
export interface TabIdentity {
  readonly queue: () => Queue;
  /** Another queue, where one is named. */
  readonly use: (options: LoginOptions) => void;
  readonly carries: () => Carries;
  /** The gateway's cookie does not come along here after all. */
  readonly refuseCookies: () => void;
  /** Has somebody been verified in this tab, even if that is over? */
  readonly known: () => boolean;
  /** Is somebody verified, as far as the clock can tell? */
  readonly probable: () => boolean;
  /** Has it ended, or become another person's, so that only a new login helps? */
  readonly over: () => boolean;
  readonly who: () => string | undefined;
  readonly accept: (issued?: IssuedToken) => void;
  readonly forget: () => void;
  /** Tells of the end, once: `expired`, or `identity-changed` for that code. */
  readonly expire: (code: string) => void;
  /** Renews a token that is near its end. */
  readonly freshen: () => Promise<void>;
  readonly session: () => Promise<SessionInfo>;
}

/** The identity of one tab at one gateway. */
export function createIdentity(
  settings: ReadSettings,
  storage: TabStorage,
  events: Events,
  call: Call,
): TabIdentity {
  const held = createHolding(settings, storage);
  const { read } = held;
  let cookies = cookiesWork(settings) && !storage.read('no cookies');
  let timer: ReturnType<typeof setTimeout> | undefined;

  function hold(value?: Held): void {
    held.write(value);
    clearTimeout(timer);
    if (lasts(value)) timer = setTimeout(() => void freshen(), renewAt(value) - Date.now());
  }
  function accept(issued?: IssuedToken, who?: string): void {
    const from = Date.now();
    hold({ token: issued?.token, from, until: from + (issued ? issued.expiresIn * 1000 : GUESS_MS), who });
  }
  function expire(code: string): void {
    const now = read();
    if (!now || now.expired) return;
    hold({ ...now, until: 0, expired: true });
    if (code === 'identity_changed') events.emit('identity-changed', held.queue());
    else events.emit('expired', { ...held.queue(), code });
  }
  async function session(): Promise<SessionInfo> {
    const path = `/session?${parameters(held.queue())}`;
    const info = (await call(path, carries(), undefined, 'GET')) as SessionInfo;
    const now = read();
    if (info.authenticated && now) {
      const who = await challengeOf(`${info.connection} ${info.chatId}`);
      hold({ ...now, who, until: now.token ? now.until : (info.expiresAt ?? 0) * 1000 });
    } else if (!info.pending) expire('login_required');
    return info;
  }
  const carries = () => ({ cookies: cookies && !read()?.token, token: read()?.token });
  const freshen = renewal(held, () => call('/token', carries()) as Promise<IssuedToken>, accept, expire);

  if (settings.queueKey) hold(read());
  return {
    queue: held.queue,
    use: held.use,
    carries,
    refuseCookies() {
      cookies = false;
      storage.write('no cookies', true);
    },
    known: () => Boolean(read()),
    probable: () => (read()?.until ?? 0) > Date.now(),
    over: () => Boolean(read()?.expired),
    who: () => read()?.who,
    accept,
    forget: hold,
    expire,
    freshen,
    session,
  };
}

function renewAt({ from, until }: Held): number {
  return from + (until - from) * 0.8;
}

/** Is there a token that is worth renewing? */
function lasts(held: Held | undefined): held is Held {
  return (
    Boolean(held?.token) && held !== undefined && held.until - held.from > SHORT_MS && held.until > Date.now()
  );
}

/** Renews what is near its end, once for all who ask meanwhile. A gateway that cannot be reached is asked again later. */
function renewal(
  held: Holding,
  renew: () => Promise<IssuedToken>,
  accept: (issued: IssuedToken, who: string | undefined) => void,
  expire: (code: string) => void,
): () => Promise<void> {
  let renewing: Promise<void> | undefined;
  async function go(): Promise<void> {
    const before = held.name();
    // the page may have gone to another queue, or logged out, meanwhile
    const same = () => held.name() === before && held.read();
    try {
      const issued = await renew();
      if (same()) accept(issued, held.read()?.who);
    } catch (error) {
      const { status, code } = error as SecureChatError;
      if (status === 401 && same()) expire(code);
    }
  }
  return async () => {
    const now = held.read();
    if (!lasts(now) || Date.now() < renewAt(now)) return;
    renewing ??= go().finally(() => (renewing = undefined));
    await renewing;
  };
}

function cookiesWork({ cookies, gateway }: ReadSettings): boolean {
  if (cookies && cookies !== 'auto') return cookies === 'always';
  return !isFramedByStranger() && isSameSite(location, new URL(gateway), takesCookieFor);
}
