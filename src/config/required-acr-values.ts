import type { CustomerOptions } from './customer-options.ts';
import type { Path, Report } from './problems.ts';
import type { Sifted } from './shape.ts';

type QueueOptions = Sifted<NonNullable<CustomerOptions['queues']>[number]>;

/**
 * The `acr` values that a queue demands (OpenID Connect Core, section 2), each once. A demand that nothing could check, or
 * that an empty list would drop without a word, is a problem.
 */
export function readRequiredAcrValues(queue: QueueOptions, path: Path, report: Report): string[] {
  const { requiredAcrValues: written } = queue;
  if (written === undefined) return [];
  const place = [...path, 'requiredAcrValues'];
  const values = [written].flat().flatMap((part) => part?.split(/\s+/) ?? []);
  const demanded = [...new Set(values.filter((value) => value !== ''))];
  if (demanded.length === 0) {
    report.problem(place, 'at least one acr value', 'leave the key out to take every one');
  }
  if (!Object.hasOwn(queue, 'authConnectionName')) {
    report.problem(place, 'a queue with authConnectionName', 'an open queue verifies nobody');
  }
  return demanded;
}
