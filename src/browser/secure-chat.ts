import { createCall } from './calls.ts';
import { createEvents } from './events.ts';
import { createForms } from './forms.ts';
import { createIdentity } from './identity.ts';
import { createLogins } from './logins.ts';
import { createOutcomes } from './outcomes.ts';
import { createRecovery } from './recovery.ts';
import { createRequests } from './requests.ts';
import { readSettings } from './settings.ts';
import { createSockets } from './sockets.ts';
import { createTabStorage } from './storage.ts';
import type { LoginOutcome, SecureChat, SecureChatSettings } from './types.ts';
import { createUnsent } from './unsent.ts';
import { createWays } from './ways.ts';

/**
 * A client for one gateway, in this tab.
 *
 * @param script address that the script was loaded from: where the gateway is, when the settings do not say
 */
export function createClient(written: SecureChatSettings, script: string | undefined): SecureChat {
  const settings = readSettings(written, script);
  const storage = createTabStorage(settings.gateway);
  const events = createEvents();
  const call = createCall(settings.gateway);
  const forms = createForms(storage, settings.form);
  const unsent = createUnsent(storage);
  const identity = createIdentity(settings, storage, events, call);
  const outcomes = createOutcomes(storage, events, call, identity);
  const ways = createWays({ settings, storage, call, identity, forms, outcomes });
  const logins = createLogins({ settings, storage, identity, outcomes, ways });
  const recovery = createRecovery(settings, storage, outcomes, ways);
  const requests = createRequests({ settings, events, identity, recovery, unsent });
  // one site's tabs tell each other; `signed-out` of other sites comes with the next 401
  const others = new BroadcastChannel(`secure-chat ${settings.gateway}`);

  async function leaveSession(provider: boolean, elsewhere: boolean) {
    const carries = identity.carries();
    const queue = identity.queue();
    identity.forget();
    unsent.drop();
    const mine = !elsewhere || carries.token !== undefined;
    try {
      const answer = mine && (await call(`/logout${provider ? '?provider=1' : ''}`, carries));
      return (answer || {}) as { endSessionUrl?: string };
    } finally {
      events.emit('signed-out', { ...queue, elsewhere });
    }
  }

  async function withUnsent<T extends LoginOutcome | undefined>(login: Promise<T>): Promise<T> {
    const outcome = await login;
    // what does not get through stays unsent, and spoils no login
    if (outcome?.status === 'verified') await requests.resendAll().catch(() => undefined);
    return outcome;
  }

  others.onmessage = () => {
    if (identity.known()) leaveSession(false, true).catch(() => undefined);
  };
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return;
    logins.reset();
    recovery.reset();
  });
  if (!forms.restore()) addEventListener('DOMContentLoaded', forms.restore);
  return {
    ready: withUnsent(logins.land()),
    start: (options = {}) => withUnsent(logins.start(options, false)),
    login: (options = {}) => withUnsent(logins.start(options, true)),
    session: () => identity.session(),
    fetch: requests.fetch,
    connect: createSockets(settings, identity, recovery),
    async logout({ provider = false } = {}) {
      const answer = leaveSession(provider, false);
      others.postMessage('signed-out');
      return answer;
    },
    unsent: unsent.all,
    resend: requests.resend,
    discard: unsent.drop,
    restoreForm: forms.restore,
    on: events.on,
  };
}
