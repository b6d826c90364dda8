import type { TestContext } from 'node:test';
import { resolveConfig } from '../../src/config/config.ts';
import type { GatewayOptions } from '../../src/config/options.ts';
import { createRuntime, type Runtime } from '../../src/middleware/runtime.ts';
import { silent } from '../support/faces.ts';

/** The parts of one more process on the same store, as a command line has them. */
export function processOn(t: TestContext, options: GatewayOptions): Runtime {
  const config = resolveConfig(options, { production: false, face: 'gateway' });
  const runtime = createRuntime(config, { logger: silent });
  t.after(() => runtime.close());
  return runtime;
}
