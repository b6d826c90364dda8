import { startSystem, type DemoSystem } from '../../demo/system.ts';
import { createGateway } from '../../src/gateway.ts';
import type { GatewayOptions } from '../../src/index.ts';
import { silent } from './faces.ts';
import { resolveLocalhostNames } from './localhost-names.ts';
import { followNavigations, type Step } from './trail.ts';

/**
 * Names of the parts. A name below `localhost` is loopback in every browser, and its last two labels are its site, since
 * `localhost` is on no list of public suffixes: three sites, as in production.
 */
const HOSTS = {
  portal: 'www.bank.localhost',
  gateway: 'chat.vendor.localhost',
  provider: 'login.eid.localhost',
};

/** The demo, with portal, gateway and provider on a site of their own each. */
export interface ThreeSites extends DemoSystem {
  /** The secure queue's page. */
  readonly chatUrl: string;
  /** What all browsers have navigated to since this was called last. */
  takeSteps(): Step[];
}

/** Starts the demo on three sites; `options` are laid over the gateway's, `hosts` over the names above. */
export async function startThreeSites(
  options: Partial<GatewayOptions> = {},
  hosts: Partial<typeof HOSTS> = {},
): Promise<ThreeSites> {
  resolveLocalhostNames();
  const system = await startSystem({
    anyPort: true,
    hosts: { ...HOSTS, ...hosts },
    createGateway: (own) => createGateway({ ...own, ...options }, { logger: silent }),
  });
  const { portal, gateway, provider } = system.origins;
  const navigations = followNavigations([portal, gateway, provider]);
  return {
    ...system,
    chatUrl: `${gateway}/queues/q_bank`,
    takeSteps: () => navigations.steps.splice(0),
    async close() {
      navigations.stop();
      await system.close();
    },
  };
}
