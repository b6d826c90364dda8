import { GatewayError } from '../errors.ts';

/**
 * The wanted members of a JSON body, as express.json leaves it: text, or undefined where absent or null. Other members are
 * ignored.
 *
 * @throws GatewayError `request_malformed` for a body that is no JSON object, and for a member that is no text.
 */
export function readTexts<Name extends string>(
  body: unknown,
  wanted: readonly Name[],
): Record<Name, string | undefined> {
  const members = membersOf(body);
  const texts = wanted.map((name) => {
    const value = members[name];
    if (value !== undefined && value !== null && typeof value !== 'string')
      throw new GatewayError('request_malformed', `The member ${name} is a text.`);
    return [name, value ?? undefined];
  });
  return Object.fromEntries(texts) as Record<Name, string | undefined>;
}

/**
 * The same for a member that is true, false or left out; 1 and 0 are taken too.
 *
 * @throws GatewayError `request_malformed`.
 */
export function readFlag(body: unknown, name: string): boolean {
  const value = membersOf(body)[name] ?? false;
  if (value === false || value === 0 || value === '0') return false;
  if (value === true || value === 1 || value === '1') return true;
  throw new GatewayError('request_malformed', `The member ${name} is true, false or left out.`);
}

function membersOf(body: unknown): Partial<Record<string, unknown>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new GatewayError('request_malformed', 'The body is a JSON object, sent as application/json.');
  return Object.fromEntries(Object.entries(body));
}
