import { readAddress } from './addresses.ts';
import { listParts } from './option-kinds.ts';
import type { Path, Report } from './problems.ts';

/**
 * Whole origins, each once, as browsers write them (lower case, default port left out, names in ASCII). https, or http on
 * loopback.
 */
export function readReturnOrigins(
  written: string | readonly (string | undefined)[] | undefined,
  path: Path,
  report: Report,
): string[] {
  const origins = listParts(written, ',').flatMap((part, index) => {
    const place = [...path, index];
    if (part.includes('*')) {
      report.problem(place, 'a whole origin without a wildcard', 'name each origin');
      return [];
    }
    const url = readAddress(part, place, report);
    if (url === undefined) return [];
    if (!/^https?:\/\/[^/]+$/i.test(part)) {
      report.problem(
        place,
        'scheme, host and port only',
        'leave out the slash after the host and what follows',
      );
    }
    return [url.origin];
  });
  return [...new Set(origins)];
}
