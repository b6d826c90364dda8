import { applyEdits } from '../config/apply-edits.ts';
import { baseCustomers } from '../config/base-customers.ts';
import { checkEdits } from '../config/check-edits.ts';
import type { Connection, GatewayConfig } from '../config/gateway-config.ts';
import { sameCustomer } from '../config/overlay.ts';
import { ConfigError } from '../config/problems.ts';
import { resolveOver } from '../config/resolve-over.ts';
import { writtenOf } from '../config/written-options.ts';
import type { OverlayDocument } from '../session/overlay-document.ts';
import type { Follower } from './follower.ts';

/** Which connection. */
export interface ConnectionPlace {
  readonly customerKey: string;
  readonly authConnectionName: string;
}

/** What a trial works with. */
export interface TrialParts {
  readonly base: GatewayConfig;
  readonly document: Pick<OverlayDocument, 'sealSecret' | 'openSecret'>;
  readonly follower: Pick<Follower, 'inForce'>;
}

/**
 * A connection as it would be with these settings on top of what is in force; without settings, as it is. Nothing is kept.
 *
 * @throws ConfigError for a connection that is not there, or settings that do not validate.
 */
export function trialConnection(
  { base, document, follower }: TrialParts,
  place: ConnectionPlace,
  settings?: Readonly<Record<string, unknown>>,
): Connection {
  const { config, overlay } = follower.inForce;
  if (settings === undefined) return connectionOf(config, place);
  const edits = checkEdits([{ kind: 'connection', ...placeOf(place), settings }]);
  const tried = applyEdits(overlay, edits, {
    base: baseCustomers(writtenOf(base).options),
    setBy: { by: 'trial', at: 0 },
    seal: document.sealSecret,
  });
  return connectionOf(resolveOver(base, tried, document.openSecret), place);
}

/**
 * A trial must not carry a secret that is set to another address than it was set for: nobody may read it there.
 *
 * @throws ConfigError where the trial asks elsewhere without bringing a secret of its own.
 */
export function refuseElsewhere(
  { follower }: Pick<TrialParts, 'follower'>,
  place: ConnectionPlace,
  tried: Connection,
): void {
  const present = findConnection(follower.inForce.config, place);
  if (present === undefined) return;
  const keeps =
    (tried.clientSecret !== undefined && tried.clientSecret === present.clientSecret) ||
    (tried.requestSigningKey !== undefined && sameJson(tried.requestSigningKey, present.requestSigningKey));
  const isThere = tried.endpoint === present.endpoint && sameJson(tried.overrides, present.overrides);
  if (!keeps || isThere) return;
  throw new ConfigError([
    {
      path: 'settings.authClientSecret',
      expected: 'the secret that is to be tried',
      hint: 'the one that is set goes to no other address than it was set for',
    },
  ]);
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function placeOf({ customerKey, authConnectionName }: ConnectionPlace): ConnectionPlace {
  return { customerKey, authConnectionName };
}

function findConnection(
  { customers }: GatewayConfig,
  { customerKey, authConnectionName }: ConnectionPlace,
): Connection | undefined {
  return customers
    .find((customer) => sameCustomer(customer.customerKey, customerKey))
    ?.connections.find(({ name }) => name === authConnectionName);
}

function connectionOf(config: GatewayConfig, place: ConnectionPlace): Connection {
  const connection = findConnection(config, place);
  if (connection !== undefined) return connection;
  throw new ConfigError([{ path: 'connections', expected: 'the name of a connection of this customer' }]);
}
