import type { AuditEvent } from '../audit/audit.ts';
import { connectionShape } from '../config/connection-options.ts';
import type { CheckedEdit } from '../config/edits.ts';
import { SECRET_SETTINGS } from '../config/overlay.ts';
import { ConfigError, formatPath, type Path } from '../config/problems.ts';
import { isGatewayError } from '../errors.ts';
import type { FilePaths } from './file-paths.ts';

/** Who changes, and how. */
export interface ChangedBy {
  readonly actor: string;
  readonly requestId?: string | undefined;
  readonly force?: boolean | undefined;
}

/** A change that was made, as the audit record has it: one event for each edit, and one more where it sets secrets. */
export function changeEvents(
  edits: readonly CheckedEdit[],
  by: ChangedBy,
  paths: FilePaths,
): readonly AuditEvent[] {
  return edits.flatMap((edit): AuditEvent[] => {
    const { changed, secrets } = placesOf(edit, paths);
    const about = { ...madeBy(by), ...aboutOf(edit, by) };
    return [
      ...(changed.length > 0
        ? [{ kind: 'configuration_changed', ...about, paths: changed.map(knownPath) } as const]
        : []),
      ...(secrets.length > 0 ? [{ kind: 'secret_set', ...about, paths: secrets } as const] : []),
    ];
  });
}

/**
 * A change that was not made. `paths` are those of the problems; with `code` the store did not answer; with neither somebody
 * else was faster. `edits` are undefined where their shape was refused: nothing of them is repeated.
 */
export function refusalEvent(
  edits: readonly CheckedEdit[] | undefined,
  by: ChangedBy,
  error: unknown,
): AuditEvent {
  const [first, ...others] = edits ?? [];
  return {
    kind: 'change_refused',
    ...madeBy(by),
    ...(first !== undefined && others.length === 0 ? aboutOf(first, by) : {}),
    ...(error instanceof ConfigError
      ? { paths: [...new Set(error.problems.map(({ path }) => knownPath(path)))] }
      : {}),
    ...(isGatewayError(error) ? { code: error.code } : {}),
  };
}

function madeBy({ actor, requestId }: ChangedBy): Pick<AuditEvent, 'actor' | 'requestId'> {
  return { actor, requestId };
}

function aboutOf(edit: CheckedEdit, { force }: ChangedBy): Partial<AuditEvent> {
  return {
    change: force === true ? `${edit.kind} (forced)` : edit.kind,
    ...('customerKey' in edit ? { customer: edit.customerKey } : {}),
    ...('authConnectionName' in edit ? { connection: edit.authConnectionName } : {}),
    ...('queueKey' in edit ? { queue: edit.queueKey } : {}),
  };
}

interface ChangedPlaces {
  readonly changed: readonly string[];
  /** Where a secret was set. */
  readonly secrets: readonly string[];
}

function placesOf(edit: CheckedEdit, paths: FilePaths): ChangedPlaces {
  const one = (path: Path): ChangedPlaces => ({ changed: [formatPath(path)], secrets: [] });
  switch (edit.kind) {
    case 'reset':
      return one(['customers']);
    case 'customer': {
      const path = paths.customer(edit.customerKey);
      return one(edit.returnOrigins === undefined ? path : [...path, 'returnOrigins']);
    }
    case 'reset.customer':
      return one(paths.customer(edit.customerKey));
    case 'connection':
      return settingPlaces(edit, paths.connection(edit.customerKey, edit.authConnectionName));
    case 'connection.remove':
      return one(paths.connection(edit.customerKey, edit.authConnectionName));
    case 'reset.connection': {
      const path = paths.connection(edit.customerKey, edit.authConnectionName);
      return one(edit.key === undefined ? path : [...path, edit.key]);
    }
    case 'queue.secure':
    case 'queue.open':
    case 'queue.remove':
    case 'reset.queue':
      return one(paths.queue(edit.customerKey, edit.queueKey));
  }
}

function settingPlaces(
  { settings, leaveOut }: Extract<CheckedEdit, { kind: 'connection' }>,
  path: Path,
): ChangedPlaces {
  const at = (key: string) => formatPath([...path, key]);
  const set = Object.keys(settings);
  const secrets = set.filter((key) => SECRET_SETTINGS.has(key)).map(at);
  const changed = [...set.filter((key) => !SECRET_SETTINGS.has(key)), ...leaveOut].map(at);
  // a connection that is added, or an edit that changes nothing
  return { changed: changed.length + secrets.length === 0 ? [formatPath(path)] : changed, secrets };
}

const WORDS: ReadonlySet<string> = new Set([
  ...Object.keys(connectionShape),
  ...['customers', 'connections', 'queues', 'edits', 'settings', 'leaveOut', 'kind'],
  ...['customerKey', 'returnOrigins', 'queueKey', 'requiredAcrValues'],
]);

/** The path as far as it consists of words of the configuration: whoever swaps key and value has a secret for a key. */
function knownPath(path: string): string {
  const steps = path.match(/\[\d+\]|\.?[A-Za-z_$][\w$]*|\[.*/g) ?? [];
  const end = steps.findIndex((step) => !/^\[\d+\]$/.test(step) && !WORDS.has(step.replace('.', '')));
  return end === -1 ? path : steps.slice(0, end).join('');
}
