import type { Identity } from '../claims/identity-types.ts';

/**
 * Was the person verified in a way that the queue takes? The `acr` is what the provider says it did (OpenID Connect Core,
 * section 2), compared as a whole, and never what was asked for: a provider may ignore `acr_values`.
 *
 * @param requiredAcrValues None: every way is taken, also one that the provider does not name.
 */
export function isTaken(requiredAcrValues: readonly string[], { acr }: Pick<Identity, 'acr'>): boolean {
  return requiredAcrValues.length === 0 || (acr !== undefined && requiredAcrValues.includes(acr));
}
