import type { Visit } from './browser.ts';

/** The `code` of a problem document; the status where the answer is none. */
export function codeOf({ headers, body, status }: Pick<Visit, 'headers' | 'body' | 'status'>): string {
  if (headers.get('content-type')?.startsWith('application/problem+json') !== true) return String(status);
  return (JSON.parse(body) as { code: string }).code;
}
