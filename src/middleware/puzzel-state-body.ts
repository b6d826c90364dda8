import { GatewayError } from '../errors.ts';

/** What a page says about its login; every member may be absent. */
export type StateParameters = Readonly<Partial<Record<StateName, string | undefined>>>;

/** What a page may say. */
export type StateName = (typeof NAMES)[number];

/** Where a page may say its address; the first one present counts. */
export const ADDRESS_NAMES = [
  'returnTo',
  'returnUrl',
  'redirectUrl',
  'redirectUri',
  'url',
  'pageUrl',
  'currentUrl',
  'origin',
] as const;

const NAMES = [...ADDRESS_NAMES, 'queueKey', 'connectionName'] as const;

/**
 * Reads the body of `POST {base}/auth/state/{customerKey}`: nothing, a JSON object, a form, or the page's address alone,
 * as JSON or as plain text. Whatever is found still has to pass its own check.
 *
 * @throws GatewayError `request_malformed` for broken JSON and for members that are no text.
 */
export function readStateBody(bytes: Buffer, contentType: string | undefined): StateParameters {
  const text = bytes.toString('utf8').trim();
  if (text === '') return {};
  if (/^application\/(?:[\w.-]+\+)*json\b/i.test(contentType ?? '') || /^["{]/.test(text))
    return ofJson(text);
  if (/^https?:/i.test(text)) return { returnTo: text };
  return ofForm(text);
}

function ofJson(text: string): StateParameters {
  const value = parse(text);
  if (typeof value === 'string') return { returnTo: value };
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw malformed('The body has to be a JSON object.');
  const members = new Map<string, unknown>(Object.entries(value));
  return Object.fromEntries(
    NAMES.map((name) => {
      const member = members.get(name) ?? undefined;
      if (member !== undefined && typeof member !== 'string')
        throw malformed(`The member ${name} is a text.`);
      return [name, member];
    }),
  );
}

function ofForm(text: string): StateParameters {
  const form = new URLSearchParams(text);
  return Object.fromEntries(
    NAMES.map((name) => {
      const values = new Set(form.getAll(name));
      if (values.size > 1) throw malformed(`The parameter ${name} is there more than once.`);
      return [name, form.get(name) ?? undefined];
    }),
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GatewayError('request_malformed', 'The body is not valid JSON.', { cause });
  }
}

function malformed(detail: string): GatewayError {
  return new GatewayError('request_malformed', detail);
}
