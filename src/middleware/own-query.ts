import { GatewayError } from '../errors.ts';

/**
 * The wanted parameters of one of the gateway's own routes. Names are read without regard to case and with an optional
 * `[]`, as queue rules read them; a name that comes twice is refused rather than picked from, other names are ignored.
 */
export function readOwnQuery<Name extends string>(
  url: string | undefined,
  wanted: readonly Name[],
): Record<Name, string | undefined> {
  const result = Object.fromEntries(wanted.map((name) => [name, undefined])) as Record<
    Name,
    string | undefined
  >;
  const byFold = new Map(wanted.map((name) => [name.toLowerCase(), name]));
  for (const [written, value] of new URLSearchParams(rawQuery(url))) {
    const name = byFold.get(written.trim().toLowerCase().replace(/\[.*$/, ''));
    if (name === undefined) continue;
    if (result[name] !== undefined && result[name] !== value) {
      throw new GatewayError(
        name.endsWith('Key') ? 'queue_ambiguous' : 'request_malformed',
        `The parameter ${name} stands in the address more than once.`,
      );
    }
    result[name] = value;
  }
  return result;
}

/** The query of a request target, without its `?`. */
export function rawQuery(url: string | undefined): string {
  const mark = url?.indexOf('?') ?? -1;
  return mark === -1 ? '' : (url ?? '').slice(mark + 1);
}
