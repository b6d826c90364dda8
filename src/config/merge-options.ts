import type { EnvironmentOptions } from './env.ts';
import type { FileOptions } from './file.ts';
import { fourLineSchema } from './options.ts';
import { foldQueueKey } from './fold-queue-key.ts';
import { listParts } from './option-kinds.ts';
import { connectionShape } from './connection-options.ts';
import { formatPath, type Report } from './problems.ts';

type Options = Readonly<Record<string, unknown>>;

/**
 * The file's options with those of the environment over them. Variables of the four-line form reach into `customers` when
 * it is plain which members they mean; otherwise they are problems.
 */
export function mergeOptions(file: FileOptions, env: EnvironmentOptions, report: Report): EnvironmentOptions {
  const options: Record<string, unknown> = { ...file };
  const sources = new Map(env.sources);
  for (const [key, value] of Object.entries(env.options)) {
    if (MERGED.has(key)) options[key] = mergeObjects(file[key], value);
    else if (!(key in fourLineSchema.shape) || file['customers'] === undefined) options[key] = value;
    else {
      const variable = sources.get(key) ?? key;
      sources.delete(key);
      const place = intoCustomers(options, key, value);
      if (place === undefined) report.problem(variable, MISPLACED.expected, MISPLACED[kindOf(key)]);
      else sources.set(place, variable);
    }
  }
  return { options, sources };
}

/** Objects of which a variable sets a part. */
const MERGED: ReadonlySet<string> = new Set(['upstream', 'audit', 'admin']);

const MISPLACED = {
  expected: 'a file without customers, or with exactly one customer and one connection',
  connection: 'it is not clear which connection is meant; set it in the file, or unset the variable',
  returnOrigins: 'it is not clear which customer is meant; set it in the file, or unset the variable',
  secureQueues: 'it is not clear which connection they demand; list them in the file, or unset the variable',
} as const;

function kindOf(key: string): 'connection' | 'returnOrigins' | 'secureQueues' {
  return key === 'returnOrigins' || key === 'secureQueues' ? key : 'connection';
}

/** Puts the value where it is plain that it belongs. Returns the path, or undefined when it is not plain. */
function intoCustomers(options: Record<string, unknown>, key: string, value: unknown): string | undefined {
  const customer = onlyEntry(options['customers']);
  if (customer === undefined) return undefined;
  if (key === 'returnOrigins') {
    options['customers'] = [{ ...customer, returnOrigins: value }];
    return formatPath(['customers', 0, key]);
  }
  const connection = onlyEntry(customer['connections']);
  if (connection === undefined) return undefined;
  if (key === 'secureQueues') {
    options['customers'] = [
      { ...customer, queues: withSecure(customer['queues'], value, connection['authConnectionName']) },
    ];
    return formatPath(['customers', 0, 'secureQueues']);
  }
  if (!(key in connectionShape)) return undefined;
  options['customers'] = [{ ...customer, connections: [{ ...connection, [key]: value }] }];
  return formatPath(['customers', 0, 'connections', 0, key]);
}

/**
 * The file's queues with these made secure, in their place or behind them; none that the file makes secure is opened. What
 * is no list stays what it is, for the check of shapes to name.
 */
function withSecure(queues: unknown, value: unknown, authConnectionName: unknown): unknown {
  if (queues !== undefined && !Array.isArray(queues)) return queues;
  const listed: readonly unknown[] = queues ?? [];
  const keyOf = (queue: unknown) =>
    isRecord(queue) && typeof queue['queueKey'] === 'string' ? foldQueueKey(queue['queueKey']) : undefined;
  const wanted = listParts(value as string, ',');
  const folded = new Set(wanted.map(foldQueueKey));
  const known = new Set(listed.map(keyOf));
  return [
    ...listed.map((queue) =>
      folded.has(keyOf(queue) ?? '') ? { ...(queue as Options), authConnectionName } : queue,
    ),
    ...wanted
      .filter((key) => !known.has(foldQueueKey(key)))
      .map((queueKey) => ({ queueKey, authConnectionName })),
  ];
}

function mergeObjects(file: unknown, env: unknown): unknown {
  if (!isRecord(file) || !isRecord(env)) return env;
  const merged = Object.entries(env).map(([key, value]) => [key, mergeObjects(file[key], value)]);
  return { ...file, ...(Object.fromEntries(merged) as Options) };
}

function onlyEntry(list: unknown): Options | undefined {
  const entry: unknown = Array.isArray(list) && list.length === 1 ? list[0] : undefined;
  return isRecord(entry) ? entry : undefined;
}

function isRecord(value: unknown): value is Options {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
