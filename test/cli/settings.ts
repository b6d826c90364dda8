import type { TestContext } from 'node:test';
import { createLive, type Live } from '../../src/admin/live.ts';
import { resolveConfig } from '../../src/config/config.ts';
import type { Edit } from '../../src/config/edits.ts';
import type { GatewayOptions } from '../../src/config/options.ts';
import { silentLogger } from '../session/loggers.ts';

/** One more process on the same store, in which these edits are made. */
export async function createAdministrationFor(
  t: TestContext,
  options: GatewayOptions,
  ...edits: Edit[]
): Promise<Live> {
  const config = resolveConfig(options, { production: false, face: 'gateway' });
  const live = createLive(config, { logger: silentLogger });
  t.after(() => live.close());
  await live.ready();
  const { revision } = await live.administration.read();
  if (edits.length > 0) await live.administration.change(edits, { revision, actor: 'anna' });
  return live;
}
