import { randomBytes } from 'node:crypto';
import type { Audit } from '../audit/audit.ts';
import type { Claims } from '../claims/identity-types.ts';
import { createPseudonymizer } from '../claims/pseudonym.ts';
import { applyEdits } from '../config/apply-edits.ts';
import { baseCustomers } from '../config/base-customers.ts';
import { checkEdits } from '../config/check-edits.ts';
import type { CheckedEdit, Edit } from '../config/edits.ts';
import type { Connection, GatewayConfig } from '../config/gateway-config.ts';
import type { Overlay } from '../config/overlay.ts';
import { ConfigError } from '../config/problems.ts';
import { resolveOver } from '../config/resolve-over.ts';
import { writtenOf } from '../config/written-options.ts';
import { GatewayError } from '../errors.ts';
import type { QueueUse } from '../middleware/queue-use.ts';
import { describeError, type Logger } from '../observe/logger.ts';
import { probeConnection, type ProbeOutcome } from '../oidc/probe.ts';
import type { StoreMessages } from '../session/messages.ts';
import { overlayOf, type OverlayDocument } from '../session/overlay-document.ts';
import { changeEvents, refusalEvent } from './change-events.ts';
import { refuseSilentOpening, refuseWhileChatsRun } from './check-queues.ts';
import { ConflictError } from './conflict.ts';
import { explain, type Explanation } from './explain.ts';
import { createFilePaths } from './file-paths.ts';
import type { Follower, Standing } from './follower.ts';
import { bindSecrets, refuseCarriedSecrets } from './secret-destinations.ts';
import { refuseElsewhere, trialConnection, type ConnectionPlace } from './trial.ts';
import { viewOf, type ShownCustomer } from './view.ts';

/** What is in force in this process. */
export interface AdministrationView {
  /** For `change`. 0 before the first change. */
  readonly revision: number;
  readonly standing: Standing;
  readonly customers: readonly ShownCustomer[];
}

/** Under which conditions edits are made. */
export interface ChangeOptions {
  /** What `read` said: whoever decides has seen what is there. */
  readonly revision: number;
  /** Who changes, as the settings and the audit record shall name them. */
  readonly actor: string;
  /** Also while chats run in a queue that loses its connection: they are broken off first. Default: false. */
  readonly force?: boolean;
  /** Finds the request in the log. */
  readonly requestId?: string;
}

/**
 * Queues, connections and customers as administrators set them, on top of file and environment. No method's result, error or
 * log line holds a secret.
 */
export interface Administration {
  /** What is in force here, after a look at the store. */
  read(): Promise<AdministrationView>;
  /**
   * Makes all of these edits, or none. Every process goes by them within a second, this one when the promise resolves.
   *
   * @throws ConfigError for what does not validate, opens a secure queue unsaid or lets down running chats; ConflictError
   * when the revision is another by now; GatewayError `session_store_unavailable`, after which one or the other is in force.
   */
  change(edits: readonly Edit[], options: ChangeOptions): Promise<{ readonly revision: number }>;
  /**
   * Does the provider accept the client secret of this connection? With `settings` on top of it, a secret among them, before
   * they are set: they are neither kept nor repeated.
   *
   * @throws ConfigError when there is no such connection, or for settings that do not validate.
   */
  probe(place: ConnectionPlace, settings?: Readonly<Record<string, unknown>>): Promise<ProbeOutcome>;
  /**
   * Which header goes where for a sample of claims, with `settings` on top of the connection's, before they are set. Sample
   * and settings are not kept. Pseudonyms are of the right form, but of another key: nobody finds out by it whose one is.
   *
   * @param queueKey Default: the first queue of the connection.
   * @throws ConfigError as `probe`.
   */
  explain(
    place: ConnectionPlace & { readonly queueKey?: string | undefined },
    claims: Claims,
    settings?: Readonly<Record<string, unknown>>,
  ): Promise<Explanation>;
}

/** What the administration works with. */
export interface AdministrationParts {
  /** As file and environment have it. */
  readonly base: GatewayConfig;
  readonly document: OverlayDocument;
  readonly follower: Follower;
  readonly queueUse: Pick<QueueUse, 'running'>;
  readonly messages: Pick<StoreMessages, 'send'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/** Messages on it say that the settings have changed, and nothing of how: whoever hears one looks. */
export const SETTINGS_TOPIC = 'settings';

/** A reading can be overtaken by another process that seals the record anew; more often than this it is no longer that. */
const ATTEMPTS = 5;

/** The administration of one gateway. */
export function createAdministration(parts: AdministrationParts): Administration {
  const { base, follower } = parts;
  const pseudonym = createPseudonymizer(randomBytes(32));
  return {
    async read() {
      await follower.look();
      const { overlay } = follower.inForce;
      const customers = viewOf(baseCustomers(writtenOf(base).options), overlay);
      return { revision: overlay.revision, standing: follower.standing, customers };
    },
    async change(edits, options) {
      if (options.actor.trim() === '') throw new TypeError('a change is made by somebody: name the actor');
      let checked: readonly CheckedEdit[] | undefined;
      try {
        checked = checkEdits(edits);
        return { revision: await makeChange(parts, checked, options) };
      } catch (error) {
        parts.audit.record(refusalEvent(checked, options, error));
        throw error;
      }
    },
    async probe(place, settings) {
      await follower.look();
      const { publicUrl, routePrefix, providerTimeoutMs: timeoutMs } = base;
      const redirectUri = new URL(`${publicUrl}${routePrefix}/callback`).href;
      const connection = trialConnection(parts, place, settings);
      refuseElsewhere(parts, place, connection);
      return probeConnection(connection, { redirectUri, timeoutMs });
    },
    async explain(place, claims, settings) {
      await follower.look();
      const connection = trialConnection(parts, place, settings);
      const queueKey = place.queueKey ?? firstQueue(follower.inForce.config, connection);
      return explain({ connection, queueKey, config: base, pseudonym }, claims);
    },
  };
}

async function makeChange(
  parts: AdministrationParts,
  edits: readonly CheckedEdit[],
  options: ChangeOptions,
): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const revision = await tryChange(parts, edits, options);
    if (revision !== undefined) return revision;
  }
  throw new GatewayError('session_store_unavailable', 'The settings changed too often at once. Try again.');
}

/** The new revision; undefined when the record was written by somebody else under the same revision. */
async function tryChange(
  parts: AdministrationParts,
  edits: readonly CheckedEdit[],
  options: ChangeOptions,
): Promise<number | undefined> {
  const { base, document, follower, audit } = parts;
  const { revision, actor, force } = options;
  const read = await document.read();
  if (read.kind === 'unreadable')
    throw new GatewayError(
      'session_store_unavailable',
      'The settings are sealed with a key that is not here.',
    );
  const overlay = overlayOf(read);
  if (overlay.revision !== revision) throw new ConflictError(overlay.revision);
  const edited: Overlay = {
    ...applyEdits(overlay, edits, {
      base: baseCustomers(writtenOf(base).options),
      setBy: { by: actor, at: Date.now() },
      seal: document.sealSecret,
    }),
    // the time, so that it goes on growing when a store has lost it
    revision: Math.max(overlay.revision + 1, Date.now()),
  };
  const after = resolveOver(base, edited, document.openSecret);
  const next = bindSecrets(edited, after);
  const step = { base, overlay, before: presentConfig(parts, overlay), after };
  refuseSilentOpening(step, edits);
  refuseCarriedSecrets({ ...step, overlay: next });
  if (force !== true) await refuseWhileChatsRun(step, parts.queueUse);
  if (!(await document.write(read, next))) return undefined;
  follower.wrote(after, next);
  const paths = createFilePaths(base, overlay, next);
  for (const event of changeEvents(edits, options, paths)) audit.record(event);
  await tell(parts);
  return next.revision;
}

/** What this change starts from; where that does not fit the file of this process, what is in force. */
function presentConfig({ base, document, follower }: AdministrationParts, overlay: Overlay): GatewayConfig {
  try {
    return resolveOver(base, overlay, document.openSecret);
  } catch (error) {
    if (error instanceof ConfigError) return follower.inForce.config;
    throw error;
  }
}

/** Who does not hear of it looks within a second. */
async function tell({ messages, logger }: AdministrationParts): Promise<void> {
  try {
    await messages.send(SETTINGS_TOPIC, '');
  } catch (error) {
    logger.warn({ cause: describeError(error) }, 'other processes could not be told of a change');
  }
}

function firstQueue({ customers }: GatewayConfig, { customerKey, name }: Connection): string {
  const queues = customers.filter((one) => one.customerKey === customerKey).flatMap((one) => one.queues);
  return queues.find(({ connection }) => connection?.name === name)?.queueKey ?? '';
}
