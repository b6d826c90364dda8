import type { AdminRole } from './admin-tokens.ts';
import { readConnection } from './connections.ts';
import type { Connection } from './gateway-config.ts';
import { listParts } from './option-kinds.ts';
import type { GatewayOptions } from './options.ts';
import type { Path, Report } from './problems.ts';
import type { Sifted } from './shape.ts';

/** A claim that somebody needs to have, with one of these values. */
export interface RequiredClaim {
  readonly role: AdminRole;
  readonly name: string;
  readonly values: readonly string[];
}

/** The sign-in of administrators by OpenID Connect. */
export interface AdminOidc {
  /** The client of its own, in the form of a connection that belongs to no customer. */
  readonly connection: Connection;
  /** Names the administrator. */
  readonly nameClaim: string;
  /** The role that may more comes first. */
  readonly requiredClaims: readonly RequiredClaim[];
}

/** `admin.oidc`, checked: without a claim that is required of them everybody at the provider would administer. */
export function readAdminOidc(
  options: NonNullable<Sifted<GatewayOptions>['admin']>['oidc'],
  report: Report,
): AdminOidc | undefined {
  if (options === undefined) return undefined;
  const path: Path = ['admin', 'oidc'];
  const { nameClaim = 'preferred_username', requiredClaims, ...client } = options;
  const roles = (['administrator', 'viewer'] as const).flatMap((role): RequiredClaim[] => {
    const written = requiredClaims?.[role];
    if (written === undefined) return [];
    const values = listParts(written.values, ',');
    if (values.length === 0)
      report.problem([...path, 'requiredClaims', role, 'values'], 'at least one value of the claim');
    return [{ role, name: written.name ?? '', values }];
  });
  if (roles.length === 0)
    report.problem([...path, 'requiredClaims'], 'the claim that makes somebody an administrator or a viewer');
  // no claim goes to an agent
  const named = { ...client, authConnectionName: 'administration', authMapping: {} };
  return { connection: readConnection(named, '', path, report), nameClaim, requiredClaims: roles };
}
