import { readdirSync, readFileSync } from 'node:fs';

/** A line of the defence, and the class whose tests have to notice that it is gone. */
export interface Mutation {
  /** Name of the test file without `.test.ts`, as in `a4-alias-fold`. */
  readonly class: string;
  /** The source file, from the root of the repository. */
  readonly file: string;
  /** Text that occurs in it exactly once. */
  readonly remove: string;
  /** What stands there instead; nothing when absent. */
  readonly instead?: string;
}

const folder = new URL('./', import.meta.url);

/** All mutations, from one JSON file for each group of classes. */
export function readMutations(): readonly Mutation[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Mutation[]);
}
