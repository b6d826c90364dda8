import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openApiDocument } from '../../src/admin-site/api/openapi.ts';
import { OPERATIONS } from '../../src/admin-site/api/operations.ts';
import { codeOf } from '../support/problem-code.ts';
import { API, apiOf } from './api-client.ts';
import { startAdministered } from './rig.ts';

const METHODS = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'];
interface Described {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Record<string, Record<string, { parameters: { name: string; in: string }[] }>>;
}

const file = JSON.parse(
  readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8'),
) as Described;

test('docs/openapi.json is what the routes say; npm run schema writes it', () => {
  assert.deepEqual(file, JSON.parse(JSON.stringify(openApiDocument())));
});

test('the gateway serves the description, with its own address', async (t) => {
  const { url, browser } = await startAdministered(t, { options: { routePrefix: '/gate' } });
  assert.equal((await browser().fetch(`${url}${API}/openapi.json`)).status, 200, 'the upstream has that one');
  const { status, body, headers } = await browser().fetch(`${url}/gate/admin/api/openapi.json`);
  assert.equal(status, 200);
  assert.equal(headers.get('content-type'), 'application/json');
  const served = JSON.parse(body) as Described;
  assert.deepEqual(served.servers, [{ url: '/gate/admin/api/v1' }]);
  assert.deepEqual(served.paths, file.paths);
});

test('what is described is served, and nothing else is', async (t) => {
  const { url } = await startAdministered(t);
  const { ask } = apiOf(url);
  for (const [path, described] of Object.entries(file.paths)) {
    const address = path.replace(/\{\w+\}/g, 'none');
    for (const method of METHODS) {
      const { status, headers } = await ask(method, address, { ifMatch: '*' });
      const isDescribed = described[method.toLowerCase()] !== undefined;
      assert.equal(status !== 405, isDescribed, `${method} ${path}`);
      if (!isDescribed)
        assert.deepEqual(
          (headers.get('allow') ?? '')
            .split(', ')
            .filter((one) => one !== 'HEAD')
            .sort(),
          Object.keys(described)
            .map((one) => one.toUpperCase())
            .sort(),
          path,
        );
    }
  }
  assert.equal((await ask('GET', '/none')).code, 'not_found');
  assert.equal(codeOf(await apiOf(url).browser.fetch(`${url}${API}/v2/settings`)), 'not_found');
});

test('every parameter of an address is described, and every change asks for If-Match', () => {
  for (const { path, method, changesSettings, id } of OPERATIONS) {
    const { parameters } = file.paths[path]![method]!;
    const names = (place: string) => parameters.filter((one) => one.in === place).map(({ name }) => name);
    assert.deepEqual(
      names('path'),
      [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      id,
    );
    assert.deepEqual(names('header'), changesSettings ? ['If-Match'] : [], id);
    assert.equal(names('query').includes('force'), changesSettings, id);
  }
  const ids = OPERATIONS.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
});
