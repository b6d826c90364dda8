import type { Problem } from '../config/problems.ts';

/** Why a change was refused, told where it belongs. */
export interface Refusal {
  /** By the name of a field. */
  readonly fields: Readonly<Record<string, string>>;
  /** What belongs to no field of the form, each with its place in the file. */
  readonly others: readonly string[];
  /** Chats run: the change can be made all the same, if it is forced. */
  readonly canForce: boolean;
}

/** The problem as a sentence, in the words that the file's check uses. */
export function problemText({ expected, hint }: Problem): string {
  return `Expected ${expected}${hint === undefined ? '' : ` (${hint})`}.`;
}

/**
 * Problems of the configuration, sorted to the fields of a form.
 *
 * @param fieldOf Name of the field that a problem is about; undefined for none.
 */
export function refusalOf(
  problems: readonly Problem[],
  fieldOf: (problem: Problem) => string | undefined,
): Refusal {
  const fields: Record<string, string> = {};
  const others: string[] = [];
  for (const problem of problems) {
    const field = fieldOf(problem);
    const text = problemText(problem);
    if (field === undefined) others.push(`${problem.path}: ${text}`);
    else fields[field] = fields[field] === undefined ? text : `${fields[field]} ${text}`;
  }
  return {
    fields,
    others,
    canForce: problems.some(({ hint }) => hint?.includes('force the change') === true),
  };
}

/** The field whose name stands in the path, for forms whose fields are named like settings. */
export function fieldByName(names: readonly string[]): (problem: Problem) => string | undefined {
  return ({ path }) => {
    const words = path.split(/[.[\]]+/);
    return names.find((name) => words.includes(name));
  };
}
