import { performance } from 'node:perf_hooks';
import type { Connection } from '../config/gateway-config.ts';
import { createClient } from '../oidc/client.ts';
import { withinDeadline } from '../oidc/deadline.ts';
import { createProviderFetch } from '../oidc/provider-fetch.ts';

/** Does the provider of a connection answer, with a discovery document that can be used? */
export interface Health {
  of(connection: Connection): Promise<'answers' | 'no answer'>;
}

/** An answer is good for so long. */
const FRESH_MS = 10_000;
/** A page waits for an answer no longer than this. */
const PATIENCE_MS = 2000;
/** More connections than any page shows. */
const MAX_KNOWN = 1000;

/** Asks for the discovery document as logins do, with connections of its own. */
export function createHealth({ timeoutMs }: { readonly timeoutMs: number }): Health {
  const { fetch } = createProviderFetch({ timeoutMs });
  const known = new Map<string, { readonly at: number; readonly answer: Promise<unknown> }>();

  function ask(connection: Connection): Promise<unknown> {
    const name = JSON.stringify([connection.endpoint, connection.overrides]);
    const last = known.get(name);
    if (last !== undefined && performance.now() - last.at < FRESH_MS) return last.answer;
    if (known.size >= MAX_KNOWN) known.clear();
    const answer = createClient(connection, fetch).metadata();
    answer.catch(() => undefined);
    known.set(name, { at: performance.now(), answer });
    return answer;
  }

  return {
    async of(connection) {
      try {
        await withinDeadline(ask(connection), performance.now() + PATIENCE_MS);
        return 'answers';
      } catch {
        return 'no answer';
      }
    },
  };
}
