import JSON5 from 'json5';
import { didYouMean } from './did-you-mean.ts';
import { formatPath, type Path, type Report } from './problems.ts';
import { OTHER_VARIABLES, VARIABLES, type Variable } from './variables.ts';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment says. */
export interface EnvironmentOptions {
  /** Options of unknown make; their shape is checked with the file's. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Path of an option, as problems name it -> the variable that set it. */
  readonly sources: ReadonlyMap<string, string>;
}

/** The variables of this process. The only place that reads them. */
export function processEnvironment(): Environment {
  return process.env;
}

/** True with `NODE_ENV=production`. */
export function isProduction(env: Environment = processEnvironment()): boolean {
  return env['NODE_ENV']?.trim() === 'production';
}

/** The file that `CONFIG_FILE` names, or undefined. */
export function configFileFromEnv(env: Environment): string | undefined {
  return present(env['CONFIG_FILE']);
}

/**
 * Reads every variable of `VARIABLES`; an empty one counts as unset. A text that is no number, boolean or JSON where one is
 * expected is a problem that names the variable. No `.env` file is read.
 */
export function optionsFromEnv(env: Environment, report: Report): EnvironmentOptions {
  const options: Record<string, unknown> = {};
  const sources = new Map<string, string>();
  for (const [name, variable] of Object.entries<Variable>(VARIABLES)) {
    const text = present(env[name]);
    if (text === undefined) continue;
    const value = READERS[variable.kind](text, name, report);
    if (value === undefined) continue;
    place(options, variable.path, value);
    sources.set(formatPath(variable.path), name);
  }
  warnOfUnknown(env, report);
  return { options, sources };
}

type Reader = (text: string, name: string, report: Report) => unknown;

const READERS: Readonly<Record<Variable['kind'], Reader>> = {
  text: (text) => text,
  number: (text, name, report) => {
    if (/^\d{1,9}$/.test(text.trim())) return Number(text);
    report.problem(name, 'a whole number');
    return undefined;
  },
  boolean: (text, name, report) => {
    const word = text.trim().toLowerCase();
    if (word === 'true' || word === '1') return true;
    if (word === 'false' || word === '0') return false;
    report.problem(name, 'true or false');
    return undefined;
  },
  json: (text, name, report) => {
    try {
      return JSON5.parse<unknown>(text);
    } catch {
      report.problem(name, 'JSON');
      return undefined;
    }
  },
};

function present(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}

function place(options: Record<string, unknown>, [key, ...inner]: Path, value: unknown): void {
  const name = String(key);
  if (inner.length === 0) {
    options[name] = value;
    return;
  }
  // several variables may reach into one object
  const object = { ...(options[name] as Record<string, unknown> | undefined) };
  place(object, inner, value);
  options[name] = object;
}

/** A misspelt `AUTH_` variable would otherwise be a setting that silently does nothing. */
function warnOfUnknown(env: Environment, report: Report): void {
  const known = [...Object.keys(VARIABLES), ...OTHER_VARIABLES];
  for (const name of Object.keys(env)) {
    if (!name.startsWith('AUTH_') || known.includes(name) || present(env[name]) === undefined) continue;
    const hint = didYouMean(name, known);
    report.warn(
      `${formatPath([name])} is no variable of the gateway${hint === undefined ? '' : `; ${hint}`}`,
    );
  }
}
