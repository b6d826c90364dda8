import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSystem } from '../../demo/system.ts';
import { createGateway } from '../../src/index.ts';
import { Desk, shownOf } from '../admin-site/pages-rig.ts';
import { Browser } from '../support/browser.ts';

test('the token that the demo prints signs in to the administration of its gateway', async (t) => {
  const system = await startSystem({ createGateway, anyPort: true });
  t.after(() => system.close());
  const desk = new Desk(system.origins.gateway, new Browser());
  assert.match(shownOf((await desk.signIn(system.adminToken)).body), /Customer 12345 .* secure Signicat/);
});
