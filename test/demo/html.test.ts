import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeHtml, html } from '../../demo/page/html.ts';
import { anyCodePoint } from '../support/any-code-point.ts';

test('text that goes into a page is escaped, parts of pages are not', () => {
  const part = html`<b title="${'"\'>'}">${'<script>&'}</b>`;
  assert.equal(html`<p>${part}</p>`.text, '<p><b title="&quot;&#39;&gt;">&lt;script&gt;&amp;</b></p>');
});

test('lists are joined, false and undefined vanish, numbers stay', () => {
  assert.equal(html`${[html`<i></i>`, '<', 0, false, undefined]}`.text, '<i></i>&lt;0');
});

test('no text can open a tag, an entity or an attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCodePoint }), (text) => {
      const escaped = escapeHtml(text);
      assert.doesNotMatch(escaped, /[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
    }),
    { numRuns: 300, verbose: true },
  );
});
