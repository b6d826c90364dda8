import { createPseudonymizer } from '../claims/pseudonym.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { GatewayError } from '../errors.ts';
import { createLogins } from '../oidc/logins.ts';
import { presetRules } from '../presets/preset.ts';
import { heldRegistry } from '../queues/held-registry.ts';
import { createQueueResolver } from '../queues/resolve.ts';
import { createChats } from './chats.ts';
import { createCors } from './cors.ts';
import { createRedemption } from './redemption.ts';
import type { FixedParts, Runtime } from './runtime.ts';
import { loginUrl } from './silent-login.ts';

/** The parts that follow from customers, connections and queues. */
export type CustomerParts = Omit<Runtime, keyof FixedParts>;

/**
 * Builds what follows from customers, connections and queues, on parts that no change of these touches. Cheap, and opens
 * nothing: built anew for every change.
 *
 * @param held Which queues are secure is not known: no request that names one is let through, and no login goes on.
 */
export function customerParts(fixed: FixedParts, config: GatewayConfig, held = false): CustomerParts {
  const { stores, clients, logger, chatOwners, exchanges, records } = fixed;
  const { state, sealer } = stores;
  const resolver = createQueueResolver(
    { ...config, queueRules: [...config.queueRules, ...presetRules(config.preset)] },
    held ? heldRegistry : undefined,
  );
  const logins = createLogins({ config, store: state, sealer, logger, clients });
  const { pseudonymKey, absoluteSeconds } = config.session;
  const pseudonym = createPseudonymizer(pseudonymKey);
  const origins = new Map(
    config.customers.map(({ customerKey, returnOrigins }) => [customerKey, returnOrigins]),
  );
  return {
    config,
    held,
    resolver,
    logins: held ? { ...logins, start: refuseLogin, finish: refuseLogin } : logins,
    redemption: createRedemption({
      chatOwners,
      exchanges,
      logins,
      records,
      pseudonym,
      absoluteSeconds,
      logger,
    }),
    chats: createChats(config.chatRules, { state, sealer, chatOwners, resolver, logger }),
    cors: createCors(config),
    connectionIds: config.customers.flatMap(({ connections }) => connections.map(({ id }) => id)),
    returnOrigins: (customerKey) => origins.get(customerKey) ?? [],
    loginRequired: (queue, options) =>
      new GatewayError('login_required', 'This queue takes verified visitors only. Log in, then try again.', {
        loginUrl: loginUrl({ config }, queue, options),
      }),
  };
}

function refuseLogin(): Promise<never> {
  return Promise.reject(
    new GatewayError(
      'session_store_unavailable',
      'The connections have not been read yet. Try again in a moment.',
    ),
  );
}
