import type { GatewayConfig } from '../config/gateway-config.ts';
import type { RuntimeExtras } from '../middleware/extras.ts';
import { checkReady } from '../middleware/health.ts';
import { placesOf } from '../middleware/queue-place.ts';
import { createRuntime, withConfig, type RuntimeSource } from '../middleware/runtime.ts';
import { createOverlayDocument } from '../session/overlay-document.ts';
import { createAdministration, SETTINGS_TOPIC, type Administration } from './administration.ts';
import { createFollower } from './follower.ts';

/** One gateway that goes by what administrators set. */
export interface Live extends RuntimeSource {
  readonly administration: Administration;
  /**
   * Resolves when the store answers and it is known what administrators have set.
   *
   * @throws GatewayError `session_store_unavailable`.
   */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** How old the settings in force may be: the message about a change may get lost. */
const LOOK_MS = 1000;

/**
 * Builds the gateway, and follows the store. On Redis it is held until the first reading (see `customerParts`): a queue that
 * an administrator has made secure is never taken for an open one. A store in memory begins empty, so nothing is waited for.
 */
export function createLive(config: GatewayConfig, extras: RuntimeExtras = {}): Live {
  const first = createRuntime(config, extras);
  const { stores, exchanges, logger, queueUse, audit } = first;
  const isShared = config.redis !== undefined;
  let current = isShared ? withConfig(first, config, true) : first;

  function apply(next: GatewayConfig): void {
    if (next === current.config && !current.held) return;
    // before anybody is let in under the new one: no chat goes on under an identity that its queue no longer asks for
    exchanges.keepOnly(new Set(placesOf(next).keys()));
    current = withConfig(first, next);
  }

  const document = createOverlayDocument(stores);
  const follower = createFollower({ base: config, document, apply, logger });
  let starting: Promise<void> | undefined = follower.look().finally(() => {
    starting = undefined;
  });
  if (!isShared) starting = undefined;
  const looker = setInterval(() => void follower.look(), LOOK_MS).unref();
  // a look under way may have begun before the change
  const lookAnew = (): void => void follower.look().then(() => follower.look());
  const ends = [stores.messages.on(SETTINGS_TOPIC, lookAnew), stores.messages.onHearing(lookAnew)];

  return {
    get current() {
      return current;
    },
    get starting() {
      return starting;
    },
    administration: createAdministration({
      base: config,
      document,
      follower,
      queueUse,
      messages: stores.messages,
      audit,
      logger,
    }),
    async ready() {
      await starting;
      if (current.held) await follower.look();
      await checkReady(current);
    },
    close() {
      clearInterval(looker);
      for (const end of ends) end();
      return first.close();
    },
  };
}
