import { startSystem, type DemoSystem } from '../../demo/system.ts';
import { createGateway } from '../../src/gateway.ts';
import { silent } from './faces.ts';
import { resolveLocalhostNames } from './localhost-names.ts';
import { followNavigations, type Step } from './trail.ts';

/** The demo around a page written for Puzzel: page, gateway and provider on sites of their own. */
export interface PuzzelSites extends DemoSystem {
  /** What all browsers have navigated to since this was called last. */
  takeSteps(): Step[];
}

/**
 * Starts the demo with the gateway on `vendor.localhost` and the provider on `eid.localhost`.
 *
 * @param helpCentre host of the page; its last two labels are its site
 * @param credentials whether the page's requests to another origin carry its cookies
 */
export async function startPuzzelSites(
  helpCentre: string,
  credentials: 'same-origin' | 'include',
): Promise<PuzzelSites> {
  resolveLocalhostNames();
  const system = await startSystem({
    anyPort: true,
    hosts: {
      portal: 'www.bank.localhost',
      provider: 'login.eid.localhost',
      puzzelGateway: 'puzzel.vendor.localhost',
      helpCentre,
    },
    puzzel: { hasty: true, credentials },
    createGateway: (options) => createGateway(options, { logger: silent }),
  });
  const { portal, provider, puzzelGateway, helpCentre: page } = system.origins;
  const navigations = followNavigations([portal, provider, puzzelGateway, page]);
  return {
    ...system,
    takeSteps: () => navigations.steps.splice(0),
    async close() {
      navigations.stop();
      await system.close();
    },
  };
}
