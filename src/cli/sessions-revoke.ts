import type { Live } from '../admin/live.ts';
import { revokeSession } from '../admin/revoke-session.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { findSessionCookie } from '../session/cookie-id.ts';
import { isSet, textOf, type Call, type Command, type Outcome } from './command.ts';
import { CommandError, UsageError } from './failure.ts';
import { connectionOf, customerOf } from './places.ts';
import { readSecret } from './read-secret.ts';
import { ACTOR_OPTION, actorOf, withLive } from './with-live.ts';

/** `sessions revoke`: of one person, or one session. */
export const sessionsRevoke: Command = {
  name: 'sessions revoke',
  summary: 'Erases one person, or ends one session, in every process; breaks off what runs.',
  about: [
    'Exactly one of:\n  --subject PSEUDONYM   as log and audit record show it\n  --person              asks for the "sub" of the provider, or reads it from stdin; with --customer, --connection\n  --session             asks for the value of the session cookie, or reads it from stdin',
    'What is erased of a person, and what remains: docs/privacy.md.',
  ],
  options: {
    subject: { value: 'PSEUDONYM', about: 'all sessions and chats of this person' },
    person: { about: 'the same, by "sub"' },
    customer: { value: 'KEY', about: 'with --person: customerKey; needed where there are several' },
    connection: {
      value: 'NAME',
      about: 'with --person: at this connection only; default: all of the customer',
    },
    session: { about: 'this session only, whoever is in it' },
    actor: ACTOR_OPTION,
    sub: {
      value: '',
      about: '',
      refused: 'it names a person in the history of the shell. Use --person, which asks for it.',
    },
    cookie: {
      value: '',
      about: '',
      refused: 'a cookie opens the session. Use --session, which asks for it.',
    },
  },
  run(call) {
    const ways = ['subject', 'person', 'session'].filter((way) => isSet(call, way));
    const [way, another] = ways;
    if (way === undefined || another !== undefined)
      throw new UsageError(
        'sessions revoke needs exactly one of --subject PSEUDONYM, --person and --session.',
      );
    const stray = ['customer', 'connection'].find((name) => isSet(call, name));
    if (way !== 'person' && stray !== undefined) throw new UsageError(`--${stray} goes with --person only.`);
    const actor = actorOf(call);
    return withLive(call, (live) => WAYS[way as keyof typeof WAYS](call, live, actor));
  },
};

const WAYS = {
  async subject(call: Call, { current }: Live, actor: string): Promise<Outcome> {
    const subject = textOf(call, 'subject') ?? '';
    // what else is given may be a national id, and would be kept in the audit record
    if (!/^[\w-]{24}$/.test(subject))
      throw new UsageError(
        'A pseudonym has 24 letters, digits, "-" and "_", as log and audit record show it.',
      );
    return personOutcome(await current.erasure.revokeSubject({ subject }, { actor }));
  },
  async person(call: Call, { administration, current }: Live, actor: string): Promise<Outcome> {
    const { customers } = await administration.read();
    const customer = customerOf(customers, textOf(call, 'customer'));
    const { customerKey } = customer;
    const named = textOf(call, 'connection');
    const connectionName = named === undefined ? undefined : connectionOf(customer, named).authConnectionName;
    if (customer.connections.length === 0)
      throw new CommandError('no_such_connection', `Customer ${customerKey} has no connection.`);
    const sub = await readSecret(call.terminal, '"sub" of the person');
    return personOutcome(
      await current.erasure.revokeSubject({ customerKey, connectionName, sub }, { actor }),
    );
  },
  async session(call: Call, { current }: Live, actor: string): Promise<Outcome> {
    const value = await readSecret(call.terminal, 'value of the session cookie');
    const sessionId = sessionIdOf(value.trim(), current.config);
    if (sessionId === undefined)
      throw new CommandError(
        'no_session_cookie',
        'This is no session cookie that the gateway has signed.',
        'Copy its whole value, which begins with "s%3A" or "s:", and use the gateway\'s SESSION_SECRET.',
      );
    const { identities } = await revokeSession(current, sessionId, { actor });
    const text = `The session is ended; ${identities} identities were in it.`;
    return { ok: true, data: { identities }, text };
  },
};

function personOutcome(revoked: { readonly sessions: number; readonly chats: number }): Outcome {
  const { sessions, chats } = revoked;
  const found = sessions + chats > 0;
  const text = found
    ? `Erased: ${sessions} sessions ended, ${chats} chats are nobody's.`
    : 'Nothing is kept of this person. The audit record says that it was asked for.';
  return { ok: true, data: revoked, text };
}

function sessionIdOf(written: string, { session, secureCookies }: GatewayConfig): string | undefined {
  const name = secureCookies ? `__Host-${session.cookieName}` : session.cookieName;
  const pair = written.startsWith(`${name}=`) ? written : `${name}=${written}`;
  return findSessionCookie(pair, name, session.secrets)?.sessionId;
}
