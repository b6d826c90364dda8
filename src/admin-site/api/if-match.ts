import type { IncomingMessage } from 'node:http';
import { ApiError } from './problems.ts';

/**
 * The revision that a change is made on (RFC 9110, section 13.1.1): the number in `If-Match`, undefined for `*`, which takes
 * whatever is there.
 *
 * @throws ApiError `revision_required` without it; `revision_changed` for what no answer has given.
 */
export function readRevision({ headers }: IncomingMessage): number | undefined {
  const written = headers['if-match']?.trim();
  if (written === undefined || written === '')
    throw new ApiError('revision_required', 'Send the ETag of what you have read in If-Match.');
  if (written === '*') return undefined;
  const [, revision] = /^"(\d{1,15})"$/.exec(written) ?? [];
  // a weak tag, or one of something else, is never the one that is there
  if (revision === undefined)
    throw new ApiError('revision_changed', 'If-Match is not the ETag of these settings. Read them again.');
  return Number(revision);
}
