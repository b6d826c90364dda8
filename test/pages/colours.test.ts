import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/** Custom properties of each `:root` of a style sheet, light and dark. */
function schemesOf(name: string): ReadonlyMap<string, string>[] {
  const text = readFileSync(new URL(`../../public/${name}`, import.meta.url), 'utf8');
  return [...text.matchAll(/:root \{([^}]*)\}/g)].map(
    ([, block = '']) =>
      new Map(
        [...block.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(
          ([, key = '', value = '']) => [key, value] as const,
        ),
      ),
  );
}

// two sheets, so that a visitor's page waits for one only
test('the administration has every colour of the visitors’ pages, in both schemes', () => {
  const [pages, administration] = [schemesOf('page.css'), schemesOf('admin.css')];
  assert.equal(pages.length, 2);
  assert.equal(administration.length, 2);
  pages.forEach((scheme, at) => {
    assert.ok(scheme.size > 10);
    for (const [key, value] of scheme) assert.equal(administration[at]?.get(key), value, key);
  });
});
