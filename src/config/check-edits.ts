import { editSchema, type CheckedEdit } from './edits.ts';
import { connectionShape } from './connection-options.ts';
import { ConfigError, Report } from './problems.ts';

/**
 * Edits of unknown make, checked for their shape; what they set is checked with the whole configuration.
 *
 * @throws ConfigError which names the places as `edits[0].queueKey`, and never a value.
 */
export function checkEdits(edits: readonly unknown[]): readonly CheckedEdit[] {
  const report = new Report();
  const checked = edits.flatMap((edit, index) => {
    const parsed = editSchema.safeParse(edit);
    for (const issue of parsed.error?.issues ?? [])
      report.problem(['edits', index, ...issue.path], expectation(issue.code));
    return parsed.success ? [asJson(parsed.data)] : [];
  });
  checked.forEach((edit, index) => {
    if (edit.kind === 'connection') checkKeys(edit, index, report);
  });
  if (edits.length === 0) report.problem('edits', 'at least one edit');
  if (report.problems.length > 0) throw new ConfigError(report.problems);
  return checked;
}

function expectation(code: string): string {
  return code === 'unrecognized_keys'
    ? 'only the members of an edit of this kind'
    : 'an edit of a known kind, in its form';
}

/** What is stored is JSON, so that is what has to be valid. */
function asJson(edit: CheckedEdit): CheckedEdit {
  return JSON.parse(JSON.stringify(edit)) as CheckedEdit;
}

/** The whole configuration knows the other keys; these two would not reach it. */
function checkKeys(
  { settings, leaveOut }: Extract<CheckedEdit, { kind: 'connection' }>,
  index: number,
  report: Report,
): void {
  for (const name of ['authConnectionName', '__proto__'])
    if (Object.hasOwn(settings, name))
      report.problem(['edits', index, 'settings', name], 'settings beside the name of the connection');
  for (const name of leaveOut)
    if (!Object.hasOwn(connectionShape, name) || name === 'authConnectionName')
      report.problem(['edits', index, 'leaveOut'], 'names of settings of a connection');
}
