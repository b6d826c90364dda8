import assert from 'node:assert/strict';

const TOKEN =
  /<!doctype html>|<\/([a-z][a-z0-9]*)>|<([a-z][a-z0-9]*)((?:\s+[a-zA-Z-]+(?:="[^"<>]*")?)*)\s*\/?>|[^<>]+/gy;
const ATTRIBUTE = /([a-zA-Z-]+)(?:="([^"<>]*)")?/g;

/** One start tag of a page. */
export interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * The start tags of a page, in order. Fails when the page is anything but plain text, end tags, and start tags whose
 * attributes are quoted and hold none of `" < >`: a page of this form is read alike by every parser, so whoever compares
 * its tags with those of an ordinary page sees whatever was injected.
 */
export function tagsOf(html: string): Tag[] {
  const tags: Tag[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < html.length) {
    const at = TOKEN.lastIndex;
    const [text, , name, attributes = ''] = TOKEN.exec(html) ?? [];
    assert.ok(text !== undefined, `no plain HTML: ${JSON.stringify(html.slice(at, at + 80))}`);
    if (name === undefined) continue;
    const found = [...attributes.matchAll(ATTRIBUTE)].map(
      ([, key = '', value = '']) => [key, value] as const,
    );
    assert.equal(new Set(found.map(([key]) => key)).size, found.length, `an attribute comes twice: ${text}`);
    tags.push({ name, attributes: Object.fromEntries(found) });
  }
  return tags;
}

/** The tags with the names of their attributes, without any value: what must not depend on what a stranger has said. */
export function skeletonOf(html: string): string[] {
  return tagsOf(html).map(({ name, attributes }) => [name, ...Object.keys(attributes)].join(' '));
}
