import { send } from './calls.ts';
import type { Events } from './events.ts';
import type { TabIdentity } from './identity.ts';
import type { Recovery } from './recovery.ts';
import { refusalOf } from './refusal.ts';
import { createResends } from './resends.ts';
import type { ReadSettings } from './settings.ts';
import type { SecureChat } from './types.ts';
import type { Unsent } from './unsent.ts';

/** What requests work with. */
export interface RequestParts {
  readonly settings: ReadSettings;
  readonly events: Events;
  readonly identity: TabIdentity;
  readonly recovery: Recovery;
  readonly unsent: Unsent;
}

/** Requests with the identity of this tab. */
export interface Requests {
  readonly fetch: SecureChat['fetch'];
  readonly resend: (id: string) => Promise<Response>;
  /** Sends what waits for this visitor, one after the other. */
  readonly resendAll: () => Promise<void>;
}

/** Methods that change nothing (RFC 9110, section 9.2.1): a page that comes back asks for itself again. */
const SAFE = /^(?:GET|HEAD)$/;

/** Requests to one gateway. */
export function createRequests(parts: RequestParts): Requests {
  const { settings, events, identity, recovery, unsent } = parts;
  const { origin } = settings;

  async function attempt(request: Request): Promise<Response> {
    await identity.freshen();
    return send(request, identity.carries());
  }

  /** Tells of what an answer says about the identity; the code of a refusal that a login may cure. */
  async function heard(response: Response): Promise<string | undefined> {
    const code = await refusalOf(response, origin);
    if (code === 'identity_changed') identity.expire(code);
    // who is chatting: at the end of the identity it would be too late to ask
    else if (response.ok && identity.probable() && !identity.who()) identity.session().catch(() => undefined);
    else if (response.status === 401) return code;
    return undefined;
  }

  const resends = createResends(events, identity, unsent, attempt, heard);

  async function start(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const isRequest = input instanceof Request;
    const request = new Request(isRequest ? input : gatewayAddress(origin, input), init);
    gatewayAddress(origin, request.url);
    const { token } = identity.carries();
    const { body } = init;
    const isSafe = SAFE.test(request.method);
    // text outlives a redirect; files and streams do not
    const isText = !isRequest && (!body || typeof body === 'string' || body instanceof URLSearchParams);
    let id = '';
    // at once: the page may be on its way already
    const keep = (uncertain = true) => {
      if (isText && !isSafe) id = resends.keep(request, body?.toString(), uncertain);
    };
    let login = recovery.current();
    let response: Response | undefined;
    if (!login) {
      const first = attempt(request);
      if (!isSafe) recovery.hold(first, keep);
      response = await first.finally(() => {
        unsent.drop(id);
      });
      const code = await heard(response);
      if (!code || !identity.known() || body instanceof ReadableStream) return response;
      // a renewal or another login has come between
      if (identity.carries().token !== token) return attempt(request);
      identity.expire(code);
      login = recovery.again(code, isSafe || isText);
    }
    keep(false);
    const again = await login;
    // from here on the page has the answer, and with it the message
    unsent.drop(id);
    return again || !response ? attempt(request) : response;
  }

  return { fetch: start, resend: resends.resend, resendAll: resends.resendAll };
}

/**
 * An address at the gateway; relative ones are the gateway's.
 *
 * @throws TypeError for every other origin, to which no identity goes
 */
export function gatewayAddress(origin: string, address: string | URL): URL {
  const url = new URL(address, origin);
  if (url.origin !== origin) throw new TypeError(`SecureChat: only to ${origin}`);
  return url;
}
