import { GatewayError } from '../errors.ts';
import type { RequestBody } from '../queues/body-fields.ts';
import { kindAt, namedMembers, jsonObjectOf, textAt } from './puzzel-v1-text.ts';

/** What `auth` of a start says. An empty text counts as absent. */
export interface StartAuth {
  readonly code: string | undefined;
  readonly connectionName: string | undefined;
}

/**
 * `auth` of the body that starts a chat; undefined without one.
 *
 * @throws GatewayError `request_malformed` for a body or an `auth` of another shape.
 */
export function readStartAuth(body: RequestBody): StartAuth | undefined {
  if (body.bytes.length === 0) return undefined;
  const { text, span } = jsonObjectOf(body);
  const auth = namedMembers(text, span, ['auth']).get('auth');
  if (auth === undefined || kindAt(text, auth.value) === 'null') return undefined;
  if (kindAt(text, auth.value) !== 'object')
    throw new GatewayError('request_malformed', '"auth" in the JSON body has to be an object.');
  const members = namedMembers(text, auth.value, ['code', 'connectionName']);
  const read = (name: 'code' | 'connectionName') => {
    const member = members.get(name);
    return (member && textAt(text, member.value, name)) || undefined;
  };
  return { code: read('code'), connectionName: read('connectionName') };
}
