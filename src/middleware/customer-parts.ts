import type { GatewayConfig } from '../config/gateway-config.ts';
import { GatewayError } from '../errors.ts';
import { createLogins, type Logins } from '../oidc/logins.ts';
import { presetChatRules, presetResolver, presetRules } from '../presets/preset.ts';
import { heldRegistry } from '../queues/held-registry.ts';
import { rememberPlain } from '../queues/remember-plain.ts';
import { createQueueResolver, type QueueResolver } from '../queues/resolve.ts';
import { createChats, type Chats } from './chats.ts';
import { createCors } from './cors.ts';
import { createErasure } from './erasure.ts';
import { createKnownEntries } from './known-entries.ts';
import { presetChats } from './preset-chats.ts';
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
  const { stores, clients, logger } = fixed;
  const { state, sealer } = stores;
  const resolver = resolverOf(config, held);
  const logins = createLogins({ config, store: state, sealer, logger, clients });
  const { absoluteSeconds } = config.session;
  const origins = new Map(
    config.customers.map(({ customerKey, returnOrigins }) => [customerKey, returnOrigins]),
  );
  return {
    config,
    held,
    resolver,
    logins: held ? heldLogins(logins) : logins,
    redemption: createRedemption({ ...fixed, logins, absoluteSeconds }),
    erasure: createErasure({ ...fixed, config }),
    chats: chatsOf(fixed, config, resolver),
    // nothing that was prepared under another configuration is used under this one
    knownEntries: createKnownEntries({ ...stores, ...fixed }),
    cors: createCors(config),
    connectionIds: config.customers.flatMap(({ connections }) => connections.map(({ id }) => id)),
    returnOrigins: (customerKey) => origins.get(customerKey) ?? [],
    loginRequired: (queue, options) =>
      new GatewayError('login_required', 'This queue takes verified visitors only. Log in, then try again.', {
        loginUrl: loginUrl({ config }, queue, options),
      }),
  };
}

function resolverOf(config: GatewayConfig, held: boolean): QueueResolver {
  const queueRules = [...config.queueRules, ...presetRules(config.preset)];
  const resolver = createQueueResolver({ ...config, queueRules }, held ? heldRegistry : undefined);
  return presetResolver(config.preset, rememberPlain(resolver, queueRules));
}

function chatsOf(fixed: FixedParts, config: GatewayConfig, resolver: QueueResolver): Chats | undefined {
  const chatRules = [...config.chatRules, ...presetChatRules(config.preset)];
  return presetChats(config.preset, createChats(chatRules, { ...fixed.stores, ...fixed, resolver }));
}

function heldLogins(logins: Logins): Logins {
  return {
    ...logins,
    start: refuseLogin,
    finish: refuseLogin,
    beginPage: refuseLogin,
    finishPage: refuseLogin,
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
