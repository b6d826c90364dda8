import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isGatewayError } from '../../src/errors.ts';
import { checkReturnTo } from '../../src/oidc/return-to.ts';
import { anyCodePoint } from '../support/any-code-point.ts';

const ALLOWED = {
  publicUrl: 'https://chat.example.no/mount',
  publicOrigin: 'https://chat.example.no',
  returnOrigins: ['https://www.bank.example', 'http://localhost:3000'],
};
const ORIGINS = [ALLOWED.publicOrigin, ...ALLOWED.returnOrigins];

function read(value: string | undefined): string {
  try {
    return checkReturnTo(value, ALLOWED).href;
  } catch (error) {
    assert.ok(isGatewayError(error), String(error));
    assert.equal(error.code, 'return_to_refused');
    return 'refused';
  }
}

/** A careless reader of the address as it was written: decodes, drops blanks, turns backslashes, then looks. */
function naiveHost(value: string): string | undefined {
  let text = value;
  try {
    text = decodeURIComponent(value);
  } catch {
    // stays as it is
  }
  text = text.replace(/[\x00-\x20]/g, '').replaceAll('\\', '/');
  const authority = /^(?:[a-z][a-z0-9+.-]*:)?\/\/+([^/?#]*)/i.exec(text)?.[1];
  return authority === undefined ? undefined : (authority.split('@').at(-1) ?? '').toLowerCase();
}

function assertHarmless(value: string): void {
  const result = read(value);
  if (result === 'refused') return;
  assert.ok(ORIGINS.includes(new URL(result).origin), `${JSON.stringify(value)} -> ${result}`);
  assert.equal(new URL(result).username + new URL(result).password, '');
  assert.ok(!new URL(result).pathname.startsWith('//'), `${JSON.stringify(value)} -> ${result}`);
  const host = naiveHost(value);
  const hosts = ORIGINS.map((origin) => new URL(origin).host);
  assert.ok(
    host === undefined || hosts.includes(host.replace(/:443$/, '')),
    `${JSON.stringify(value)} reads as ${host}`,
  );
}

const taken: [string | undefined, string][] = [
  [undefined, 'https://chat.example.no/mount/'],
  ['', 'https://chat.example.no/mount/'],
  ['/', 'https://chat.example.no/'],
  ['/chat?queueKey=q_bank&x=%C3%A5#top', 'https://chat.example.no/chat?queueKey=q_bank&x=%C3%A5#top'],
  ['chat', 'https://chat.example.no/mount/chat'],
  ['./chat', 'https://chat.example.no/mount/chat'],
  ['?x=1', 'https://chat.example.no/mount/?x=1'],
  ['#top', 'https://chat.example.no/mount/#top'],
  ['/a%2Fb', 'https://chat.example.no/a%2Fb'],
  ['/go?to=https://elsewhere.example/', 'https://chat.example.no/go?to=https://elsewhere.example/'],
  ['https://chat.example.no', 'https://chat.example.no/'],
  ['https://chat.example.no:443/x', 'https://chat.example.no/x'],
  ['HTTPS://WWW.BANK.EXAMPLE/x', 'https://www.bank.example/x'],
  ['https://www.bank.example/konto?a=b', 'https://www.bank.example/konto?a=b'],
  ['http://localhost:3000/portal', 'http://localhost:3000/portal'],
];
for (const [value, href] of taken) {
  test(`taken: ${String(value)}`, () => {
    assert.equal(read(value), href);
  });
}

const refused = [
  '//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example', '\\/evil.example', '/%09/evil.example',
  '/\t/evil.example', '\t//evil.example', ' //evil.example', '/ /evil.example', '/\n/evil.example', '/\r\n/evil.example',
  '/%5cevil.example', '/%2f/evil.example', '/%2fevil.example', '/..//evil.example', '/.//evil.example', '/x/..//evil.example',
  'https:evil.example', 'https:/evil.example', 'https:///evil.example', 'https:\\\\evil.example', 'http:evil.example',
  'https:chat.example.no', 'https:/chat.example.no', 'javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\nscript:alert(1)',
  'data:text/html,x', 'vbscript:x', 'blob:https://chat.example.no/x', 'file:///etc/passwd', 'ftp://chat.example.no/',
  'ws://chat.example.no/', 'about:blank', 'mailto:a@b', 'view-source:https://chat.example.no/',
  'https://chat.example.no@evil.example', 'https://chat.example.no:pw@evil.example', 'https://user@chat.example.no',
  'https://:@chat.example.no', 'https://@chat.example.no', 'https://evil.example\\@chat.example.no',
  'https://evil.example#@chat.example.no', 'https://evil.example?@chat.example.no', 'https://evil.example/@chat.example.no',
  'https://chat.example.no.evil.example', 'https://evil-chat.example.no', 'https://evil-www.bank.example',
  'https://bank.example', 'https://sub.www.bank.example', 'https://www.bank.example.', 'https://chat.example.no.',
  'https://www.bank.example:8443', 'http://www.bank.example', 'http://chat.example.no', 'http://localhost', 'http://localhost:3001',
  'https://localhost:3000', 'https://www。bank。example', 'https://ｗｗｗ.bank.example', 'https://www.bank.example%2eevil.example',
  'https://www.bank.example%00.evil.example', 'https://www.bank.example\u0000.evil.example', 'https://[::1]/', 'https://127.0.0.1/',
  'https://2130706433/', 'https://0x7f000001/', '/x\u0000', '/x\u007f', '/x\u0085', '/x\u2028', '/x\u202ey', '/x\ud800', '\ufeff//evil.example',
  '/\u00a0', '\u3000//evil.example', '/x%00', '/x%0d%0aLocation:%20https://evil.example', '/%', '/%zz', '/%ff',
  'https://', 'https:', '://evil.example', ':evil', 'x:y', '/' + 'a'.repeat(2048),
]; // prettier-ignore
for (const value of refused) {
  test(`refused: ${JSON.stringify(value.slice(0, 60))}`, () => {
    assert.equal(read(value), 'refused');
  });
}

test('E1: no combination of prefixes, slashes and hosts leaves the allowed origins', () => {
  const schemes = [
    '',
    'https:',
    'http:',
    'HTTPS:',
    'javascript:',
    'data:',
    'x:',
    '%68ttps:',
    'ht\ttps:',
    ' https:',
    '\u0001https:',
  ];
  const slashes = ['', '/', '//', '///', '////', '\\', '/\\', '\\/', '\\\\', '/\t/', '/%09/', '/%5c', '/%2f', '%2f%2f', '/./', '/.//', '/..//', '/;/', '/%2e%2e//', '\u2044\u2044', '\uff0f\uff0f']; // prettier-ignore
  const hosts = ['evil.example', 'chat.example.no@evil.example', 'chat.example.no:x@evil.example', 'evil.example\\@chat.example.no', 'evil.example%23@chat.example.no', 'chat.example.no.evil.example', 'chat.example.no%2eevil.example', 'www.bank.example.', 'www。bank。example', '[::ffff:7f00:1]', '127.1', '@chat.example.no', 'www.bank.example:80']; // prettier-ignore
  const tails = ['', '/', '/x', '?y', '#z', '%0a'];
  let count = 0;
  for (const scheme of schemes) {
    for (const slash of slashes) {
      for (const host of hosts) {
        for (const tail of tails) {
          assertHarmless(scheme + slash + host + tail);
          count += 1;
        }
      }
    }
  }
  assert.ok(count > 10_000);
});

test('E1: no text built of the pieces that readers disagree on leaves the allowed origins', () => {
  const piece = fc.constantFrom(
    '/', '\\', '//', ':', '@', '#', '?', '.', '..', '%', '%2f', '%5c', '%09', '%00', '%252f', '\t', '\n', ' ', '\u0000', '\u2028', '。', '／', 'https', 'http', 'javascript', 'chat.example.no', 'www.bank.example', 'evil.example', '443', ';', '[', ']', '\ud800',
  ); // prettier-ignore
  const value = fc.oneof(
    fc.array(piece, { maxLength: 9 }).map((parts) => parts.join('')),
    fc.string({ unit: anyCodePoint }),
  );
  fc.assert(fc.property(value, assertHarmless), { numRuns: 5000 });
});

test('E2: of all origins near an allowed one only the allowed one is taken', () => {
  const near = fc.tuple(
    fc.constantFrom('https://', 'http://', 'HTTPS://'),
    fc.constantFrom('', 'evil-', 'evil.', 'x', '.', '-', 'a@'),
    fc.constantFrom('www.bank.example', 'bank.example', 'chat.example.no', 'localhost'),
    fc.constantFrom('', '.', '.evil.example', 'evil', '-x', '%2e', ':443', ':80', ':3000', ':0443', ':'),
    fc.constantFrom('', '/', '/x', '?x', '#x'),
  );
  fc.assert(
    fc.property(near, (parts) => {
      assertHarmless(parts.join(''));
    }),
    { numRuns: 3000 },
  );
});

test('a relative address without a mount path is read from the root', () => {
  const root = { ...ALLOWED, publicUrl: 'https://chat.example.no' };
  assert.equal(checkReturnTo('chat', root).href, 'https://chat.example.no/chat');
  assert.equal(checkReturnTo(undefined, root).href, 'https://chat.example.no/');
});

test('the refusal does not repeat the address', () => {
  assert.throws(
    () => checkReturnTo('https://evil.example/secret', ALLOWED),
    (error) => isGatewayError(error) && !error.message.includes('evil'),
  );
});
