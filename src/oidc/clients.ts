import { isDeepStrictEqual } from 'node:util';
import type { Connection } from '../config/gateway-config.ts';
import { createClient, type Client } from './client.ts';
import { createProviderFetch } from './provider-fetch.ts';

/** The clients of all connections, which outlive a change of the configuration. */
export interface Clients {
  /** One for each connection, by its id. A connection whose settings are as before keeps its client, with all it knows. */
  of(connections: readonly Connection[]): ReadonlyMap<string, Client>;
  /** Waits for the calls under way, and takes no more. */
  close(): Promise<void>;
}

/**
 * Clients that share one bounded fetch. Asks no provider before it has to.
 *
 * @param options.timeoutMs for each call
 */
export function createClients(options: { readonly timeoutMs: number }): Clients {
  const { fetch, close } = createProviderFetch(options);
  let known: ReadonlyMap<string, Client> = new Map();
  return {
    of(connections) {
      const clients = connections.map((connection): [string, Client] => {
        const before = known.get(connection.id);
        const same = before !== undefined && isDeepStrictEqual(before.connection, connection);
        return [connection.id, same ? before : createClient(connection, fetch)];
      });
      known = new Map(clients);
      return known;
    },
    close,
  };
}
