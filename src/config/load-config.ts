import { parseArgs } from 'node:util';
import {
  configFileFromEnv,
  isProduction,
  optionsFromEnv,
  processEnvironment,
  type Environment,
} from './env.ts';
import { optionsFromFile } from './file.ts';
import type { GatewayConfig } from './gateway-config.ts';
import { mergeOptions } from './merge-options.ts';
import { ConfigError, formatPath, MISSING, Report, type Problem } from './problems.ts';
import { readOptions } from './resolve-config.ts';
import { VARIABLES, type Variable } from './variables.ts';

/** Where the stand-alone gateway finds its configuration. */
export interface ConfigSources {
  /** Arguments after the script's name: `--config FILE`, which wins over `CONFIG_FILE`. */
  readonly argv: readonly string[];
  /** Default: the variables of this process. */
  readonly env?: Environment;
}

/**
 * The configuration of the stand-alone gateway: file and environment merged, a variable wins.
 *
 * @throws ConfigError with every problem of arguments, file and environment at once; what a variable set is named by it.
 */
export function loadConfig({ argv, env = processEnvironment() }: ConfigSources): GatewayConfig {
  const report = new Report();
  const fromEnv = optionsFromEnv(env, report);
  const file = configFile(argv, env, report);
  const fromFile = file === undefined ? {} : optionsFromFile(file, report);
  // What an unreadable file would have said is unknown: checks without it would invent problems.
  if (fromFile === undefined) throw new ConfigError(report.problems);
  const { options, sources } = mergeOptions(fromFile, fromEnv, report);
  const checks = new Report();
  for (const warning of report.warnings) checks.warn(warning);
  const config = readOptions(options, { production: isProduction(env), face: 'gateway' }, checks);
  const problems = [
    ...report.problems,
    ...checks.problems.map((problem) => nameCure(nameVariable(problem, sources))),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function configFile(argv: readonly string[], env: Environment, report: Report): string | undefined {
  try {
    const { values } = parseArgs({ args: [...argv], options: { config: { type: 'string' } }, strict: true });
    if (values.config !== undefined) return values.config;
  } catch {
    report.problem('command line', 'no arguments, or --config FILE');
  }
  return configFileFromEnv(env);
}

/** The cure for what is missing: the key in the file, or its variable. */
function nameCure(problem: Problem): Problem {
  if (problem.hint !== MISSING) return problem;
  const found = Object.entries<Variable>(VARIABLES).find(
    ([, { path }]) => path[0] === problem.path || formatPath(path) === problem.path,
  );
  return found === undefined
    ? problem
    : { ...problem, hint: `${MISSING}: set ${found[0]}, or the key in the file` };
}

/** `PUBLIC_URL (publicUrl)` for what a variable set, also where the problem lies further inside. */
function nameVariable(problem: Problem, sources: ReadonlyMap<string, string>): Problem {
  for (const [path, variable] of sources) {
    const rest = problem.path.slice(path.length);
    if (problem.path.startsWith(path) && /^(?:$|[.[])/.test(rest)) {
      return { ...problem, path: `${variable} (${problem.path})` };
    }
  }
  return problem;
}
