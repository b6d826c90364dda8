import { DEFAULTS } from './defaults.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Path, Report } from './problems.ts';

/** OpenID Connect Core section 3.1.2.1, and Initiating User Registration 1.0. */
const PROMPTS = ['none', 'login', 'consent', 'select_account', 'create'];

/** Scopes separated by one blank, each once, with `openid` in front when it was missing. */
export function readScope(written: string, path: Path, report: Report): string {
  const scopes = [...new Set(written.split(/\s+/).filter((scope) => scope !== ''))];
  if (scopes.some((scope) => !/^[!#-[\]-~]+$/.test(scope))) {
    report.problem(path, 'scopes separated by blanks, without quotes, backslashes or letters outside ASCII');
  }
  return (scopes.includes('openid') ? scopes : ['openid', ...scopes]).join(' ');
}

/** The `prompt` parameter, or undefined when it is switched off. */
export function readPrompt(
  written: string | false | null | undefined,
  path: Path,
  report: Report,
): string | undefined {
  if (written === undefined) return DEFAULTS.connection.authPrompt;
  if (written === false || written === null || /^\s*(?:off)?\s*$/i.test(written)) return undefined;
  const prompts = [...new Set(written.trim().split(/\s+/))];
  const unknown = prompts.find((prompt) => !PROMPTS.includes(prompt));
  if (unknown !== undefined) {
    report.problem(
      path,
      `one or more of ${PROMPTS.join(', ')}, or off`,
      didYouMean(unknown, [...PROMPTS, 'off']),
    );
  } else if (prompts.includes('none') && prompts.length > 1) {
    report.problem(path, 'none alone, without another prompt');
  }
  return prompts.join(' ');
}
