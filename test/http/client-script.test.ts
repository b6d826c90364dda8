import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { inEveryFace, startSystem } from '../support/system.ts';

const FORMS = ['client.js', 'client.mjs'];

inEveryFace('pages of any site may load the client, in a small script of either form', async (t, face) => {
  const { url } = await startSystem(t, { face });
  for (const name of FORMS) {
    const answer = await fetch(`${url}/secure-chat/${name}`, { headers: { origin: 'https://any.example' } });
    const text = await answer.text();
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'text/javascript; charset=utf-8');
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    assert.equal(answer.headers.get('access-control-allow-credentials'), null);
    assert.equal(answer.headers.get('cross-origin-resource-policy'), 'cross-origin');
    assert.equal(answer.headers.get('cache-control'), 'public, max-age=300');
    assert.equal(answer.headers.get('set-cookie'), null);
    assert.ok(gzipSync(text, { level: 9 }).length < 6 * 1024, `${name} is too large`);
    assert.doesNotMatch(text, /\beval\b|new Function|localStorage|sourceMappingURL/);
    assert.equal(/^export\b|\bexport\{/m.test(text), name === 'client.mjs');
  }
});

inEveryFace(
  'the client is revalidated by its ETag, asked for by HEAD, and by no other method',
  async (t, face) => {
    const { url, browser } = await startSystem(t, { face });
    const address = `${url}/secure-chat/client.js`;
    const plain = await browser().fetch(address);
    const zipped = await fetch(address, { headers: { 'accept-encoding': 'gzip' } });
    assert.equal(plain.headers.get('content-encoding'), null);
    assert.equal(await zipped.text(), plain.body);
    assert.notEqual(zipped.headers.get('etag'), plain.headers.get('etag'));
    assert.match(plain.headers.get('vary') ?? '', /accept-encoding/i);
    const again = await browser().fetch(address, {
      headers: { 'if-none-match': `"other", W/${plain.headers.get('etag')!}` },
    });
    assert.deepEqual([again.status, again.body], [304, '']);
    const head = await browser().fetch(address, { method: 'HEAD' });
    assert.deepEqual([head.status, head.body], [200, '']);
    assert.equal(head.headers.get('content-length'), String(Buffer.byteLength(plain.body)));
    const post = await browser().fetch(address, { method: 'POST' });
    assert.deepEqual([post.status, post.headers.get('allow')], [405, 'GET, HEAD']);
  },
);

inEveryFace('the script takes the outcome out of the address before anything else', async (t, face) => {
  const { url } = await startSystem(t, { face });
  const text = await (await fetch(`${url}/secure-chat/client.js`)).text();
  const said: unknown[] = [];
  const page = {
    location: { href: 'https://www.bank.example/?a=1&authCode=handle#top' },
    history: { state: { kept: true }, replaceState: (...all: unknown[]) => said.push(all) },
    document: { currentScript: null, querySelector: () => null },
    HTMLScriptElement: Object,
    URL,
    URLSearchParams,
  };
  const context: Record<string, unknown> = { ...page };
  runInNewContext(text, context);
  assert.deepEqual(said, [[{ kept: true }, '', 'https://www.bank.example/?a=1#top']]);
  const { createSecureChat } = context['SecureChat'] as { createSecureChat: (settings: object) => unknown };
  assert.throws(() => createSecureChat({ queueKey: 'q_bank' }), /SecureChat: no gateway/);
});

inEveryFace('what integrity would be computed from is the same in every process', async (t, face) => {
  const one = await startSystem(t, { face });
  const two = await startSystem(t, { face });
  const hash = async (url: string) =>
    createHash('sha384')
      .update(await (await fetch(`${url}/secure-chat/client.mjs`)).text())
      .digest('base64');
  assert.equal(await hash(one.url), await hash(two.url));
});
