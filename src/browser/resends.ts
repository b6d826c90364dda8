import { createVerifier } from './challenge.ts';
import type { Events } from './events.ts';
import type { TabIdentity } from './identity.ts';
import type { KeptRequest, Unsent } from './unsent.ts';

/** After this long a message is not sent behind its visitor's back. */
const STALE_MS = 1_800_000;

/** Requests that outlive their page. */
export interface Resends {
  /** Keeps a request until it is sent or dropped; its id. */
  readonly keep: (request: Request, body: string | undefined, uncertain: boolean) => string;
  readonly resend: (id: string) => Promise<Response>;
  /** Sends what waits for this visitor, one after the other. */
  readonly resendAll: () => Promise<void>;
}

/**
 * The resends of one tab.
 *
 * @param attempt sends one request with the identity
 * @param heard the code when its answer was the gateway's own refusal
 */
export function createResends(
  events: Events,
  identity: TabIdentity,
  unsent: Unsent,
  attempt: (request: Request) => Promise<Response>,
  heard: (response: Response) => Promise<string | undefined>,
): Resends {
  async function sendKept({ who: _, ...request }: KeptRequest): Promise<Response> {
    const { id, url, headers } = request;
    unsent.mark(id, true);
    const init = { ...request, headers: headers as [string, string][] } as RequestInit;
    const response = await attempt(new Request(url, init));
    if (await heard(response)) unsent.mark(id, false);
    else {
      unsent.drop(id);
      events.emit('resent', { request, response: response.clone() });
    }
    return response;
  }

  /** Surely not delivered, not old, and of this visitor as far as is known? */
  function isDue({ uncertain, queueKey, at, who }: KeptRequest): boolean {
    const now = identity.who();
    const same = !who || !now || who === now;
    return !uncertain && queueKey === identity.queue().queueKey && Date.now() - at < STALE_MS && same;
  }

  return {
    keep(request, body, uncertain) {
      const id = createVerifier();
      unsent.keep({
        id,
        queueKey: identity.queue().queueKey,
        url: request.url,
        method: request.method,
        headers: [...request.headers].filter(([name]) => name !== 'authorization'),
        body,
        at: Date.now(),
        uncertain,
        who: identity.who(),
      });
      return id;
    },
    async resend(id) {
      const kept = unsent.all().find((one) => one.id === id);
      if (!kept) throw new TypeError('SecureChat: no such id');
      return sendKept(kept);
    },
    async resendAll() {
      for (const kept of unsent.all().filter(isDue)) {
        // where the queue is closed for one, it is for the rest, which keeps its order
        if ((await sendKept(kept)).status === 401) return;
      }
    },
  };
}
