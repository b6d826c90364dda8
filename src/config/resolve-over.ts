import { deepFreeze } from './deep-freeze.ts';
import type { GatewayConfig } from './gateway-config.ts';
import { layOver, type OpenSecret } from './lay-over.ts';
import type { Overlay } from './overlay.ts';
import { ConfigError, Report } from './problems.ts';
import { readOptions } from './resolve-config.ts';
import { writtenOf } from './written-options.ts';

/**
 * The configuration that is in force: what administrators have set over what `base` was resolved from, validated as a
 * whole by the same checks. Only what follows from customers differs from `base`; keys and addresses are its own.
 *
 * @throws ConfigError with every problem, each at its place in the file; TypeError when `base` is a copy.
 */
export function resolveOver(base: GatewayConfig, overlay: Overlay, open: OpenSecret): GatewayConfig {
  if (overlay.customers.length === 0) return base;
  const { options, context } = writtenOf(base);
  const laid = layOver(options, overlay, open);
  const report = new Report();
  const { customers, queueRules, warnings } = readOptions(laid.options, context, report);
  if (report.problems.length > 0) {
    throw new ConfigError(
      report.problems.map((problem) => ({ ...problem, path: laid.asInFile(problem.path) })),
    );
  }
  return deepFreeze({ ...base, customers, queueRules, warnings });
}
