import type { Connection, GatewayConfig } from '../config/gateway-config.ts';
import { sameCustomer, type Overlay, type Setting } from '../config/overlay.ts';
import { ConfigError } from '../config/problems.ts';

/** Where the client secret of this connection is sent, as text to compare: the issuer that is asked for its endpoints, and the token endpoint that overrides it. */
function destinationOf({ endpoint, overrides }: Connection): string {
  return JSON.stringify([endpoint, overrides.token_endpoint ?? '']);
}

/** Notes with each client secret that is set anew where it goes from then on. */
export function bindSecrets(overlay: Overlay, after: GatewayConfig): Overlay {
  return {
    ...overlay,
    customers: overlay.customers.map((customer) => ({
      ...customer,
      connections: customer.connections.map((entry) => ({
        ...entry,
        settings: entry.settings.map((setting) => {
          const connection = connectionOf(after, customer.customerKey, entry.authConnectionName);
          return isUnbound(setting) && connection !== undefined
            ? { ...setting, goesTo: destinationOf(connection) }
            : setting;
        }),
      })),
    })),
  };
}

/**
 * A client secret goes nowhere but where it was set for: who may set one could otherwise read it, by sending it to a server
 * of their own. The one of the file goes where the file says, one that was set where the connection pointed then.
 *
 * @throws ConfigError with each connection whose secret this change would carry elsewhere.
 */
export function refuseCarriedSecrets(step: {
  readonly base: GatewayConfig;
  readonly before: GatewayConfig;
  readonly after: GatewayConfig;
  /** What is in force after the change, bound. */
  readonly overlay: Overlay;
}): void {
  const carried = connectionsOf(step.after).filter((connection) => {
    if (connection.clientSecret === undefined || isAsBefore(step.before, connection)) return false;
    const setFor = destinationSetFor(step, connection);
    return setFor !== undefined && setFor !== destinationOf(connection);
  });
  if (carried.length === 0) return;
  throw new ConfigError(
    carried.map(({ customerKey, name }) => ({
      path: 'authClientSecret',
      expected: `the client secret of connection ${JSON.stringify(name)} of customer ${JSON.stringify(customerKey)} in the same change`,
      hint: 'the one that is set goes to no other address than it was set for: set it again together with authEndpoint or authTokenEndpoint',
    })),
  );
}

function isAsBefore(before: GatewayConfig, connection: Connection): boolean {
  const old = connectionOf(before, connection.customerKey, connection.name);
  return (
    old !== undefined &&
    old.clientSecret === connection.clientSecret &&
    destinationOf(old) === destinationOf(connection)
  );
}

function destinationSetFor(
  { base, overlay }: { readonly base: GatewayConfig; readonly overlay: Overlay },
  { customerKey, name }: Connection,
): string | undefined {
  const set = overlay.customers
    .find((one) => sameCustomer(customerKey, one.customerKey))
    ?.connections.find(({ authConnectionName }) => authConnectionName === name)
    ?.settings.find(({ key }) => key === 'authClientSecret');
  if (set !== undefined && 'sealed' in set) return set.goesTo;
  const written = connectionOf(base, customerKey, name);
  return written && destinationOf(written);
}

function isUnbound(setting: Setting): boolean {
  return setting.key === 'authClientSecret' && 'sealed' in setting && setting.goesTo === undefined;
}

function connectionsOf({ customers }: GatewayConfig): Connection[] {
  return customers.flatMap(({ connections }) => connections);
}

function connectionOf(
  config: GatewayConfig,
  customerKey: string,
  authConnectionName: string,
): Connection | undefined {
  return connectionsOf(config).find(
    (one) => sameCustomer(customerKey, one.customerKey) && one.name === authConnectionName,
  );
}
