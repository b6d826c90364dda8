/** One thing that is wrong with the configuration. Tells where and what is expected, never what stands there. */
export interface Problem {
  /** `customers[0].connections[1].authEndpoint`, a variable's name, or a file's. */
  readonly path: string;
  /** What would be right there. */
  readonly expected: string;
  /** How to get there. */
  readonly hint?: string;
}

/** Hint of a problem whose cure is to write the key at all. */
export const MISSING = 'it is missing';

/** Steps from the root of the options to a value. */
export type Path = readonly PropertyKey[];

/** The configuration cannot be used. `message` lists every problem, one a line; no secret is in it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(
      [`The configuration has ${count}:`, ...problems.map((problem) => `  ${formatProblem(problem)}`)].join(
        '\n',
      ),
    );
    this.problems = Object.freeze(problems.map((problem) => Object.freeze({ ...problem })));
  }
}

/** Collects what is found while a configuration is read, so that all of it can be told at once. */
export class Report {
  readonly problems: Problem[] = [];
  readonly warnings: string[] = [];

  /** Notes a problem; a second one at the same place with the same expectation is dropped. */
  problem(path: Path | string, expected: string, hint?: string): void {
    const place = typeof path === 'string' ? path : formatPath(path);
    if (this.problems.some((known) => known.path === place && known.expected === expected)) return;
    this.problems.push({ path: place, expected, ...(hint === undefined ? {} : { hint }) });
  }

  /** Notes what an operator should know though it is no error. */
  warn(message: string): void {
    if (!this.warnings.includes(message)) this.warnings.push(message);
  }
}

/** `customers[0].authMapping["signicat.national_id"]`; `options` for the root. Long or odd keys are cut. */
export function formatPath(path: Path): string {
  const text = path
    .map((step) => {
      if (typeof step === 'number') return `[${step}]`;
      const key = String(step);
      return /^[A-Za-z_$][\w$]{0,39}$/.test(key) ? `.${key}` : `[${quoteKey(key)}]`;
    })
    .join('');
  return text === '' ? 'options' : text.replace(/^\./, '');
}

/** A key or name in quotes, ASCII only, at most 40 characters of it. */
export function quoteKey(key: string): string {
  const shown = key.length > 40 ? `${key.slice(0, 12)}...` : key;
  return JSON.stringify(shown).replace(/[^ -~]/g, '?');
}

function formatProblem({ path, expected, hint }: Problem): string {
  return `${path}: expected ${expected}${hint === undefined ? '' : ` (${hint})`}`;
}
