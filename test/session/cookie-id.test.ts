import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sign } from 'cookie-signature';
import fc from 'fast-check';
import { findSessionCookie } from '../../src/session/cookie-id.ts';
import { anyCodePoint } from '../support/any-code-point.ts';

const NAME = '__Host-scg';
const SECRETS = ['n'.repeat(32), 'o'.repeat(32)] as const;
const ID = 'AbCdEfGh-JkLmNoP_rStUvWxYz012345';
const value = (id = ID, secret: string = SECRETS[0]) => encodeURIComponent(`s:${sign(id, secret)}`);
const good = `${NAME}=${value()}`;
const idOf = (header: string | undefined) => findSessionCookie(header, NAME, SECRETS)?.sessionId;

const accepted: Record<string, string> = {
  alone: good,
  'between others': `a=b; ${good}; c=d`,
  'without blanks': `a=b;${good};c=d`,
  'with tabs': `a=b;\t${good}\t;c`,
  'signed by an older secret': `${NAME}=${value(ID, SECRETS[1])}`,
  'not percent-encoded': `${NAME}=s:${sign(ID, SECRETS[0])}`,
  'after a broken one of the same name': `${NAME}=evil; ${good}`,
  'after a forged one of the same name': `${NAME}=${value(ID, 'f'.repeat(32))}; ${good}`,
  'after one with a broken escape': `${NAME}=%E0%A4%A; ${good}`,
  'before another valid one': `${good}; ${NAME}=${value('x'.repeat(32))}`,
};

for (const [place, header] of Object.entries(accepted)) {
  test(`the cookie is found ${place}`, () => {
    assert.equal(idOf(header), ID);
  });
}

const refused: Record<string, string | undefined> = {
  'no header': undefined,
  'an empty header': '',
  'no cookie of the name': 'a=b',
  'an empty value': `${NAME}=`,
  'no value': NAME,
  'another name that ends alike': `x${good}`,
  'the name without its prefix': good.replace('__Host-', ''),
  'the name in another case': good.replace('scg', 'SCG'),
  'an unsigned id': `${NAME}=${ID}`,
  'an unsigned id that claims to be signed': `${NAME}=s:${ID}`,
  'an empty signature': `${NAME}=s:${ID}.`,
  'a foreign signature': `${NAME}=${value(ID, 'f'.repeat(32))}`,
  'a signature without its last character': good.slice(0, -1),
  'a signed id that express-session would not make': `${NAME}=${value('../../admin')}`,
  'a signed empty id': `${NAME}=${value('')}`,
  'a signed object of cookie-parser': `${NAME}=${value(`j:${ID.slice(2)}`)}`,
  'a broken escape': `${NAME}=%`,
  'a huge value': `${NAME}=s%3A${'x'.repeat(60_000)}`,
  'a huge header': `a=${'x'.repeat(70_000)}; ${good}`,
  'very many cookies of the name': `${`${NAME}=x; `.repeat(1000)}${good}`,
  NUL: `${NAME}=\u0000`,
};

for (const [what, header] of Object.entries(refused)) {
  test(`${what} is no session`, () => {
    assert.equal(idOf(header), undefined);
  });
}

test('no header throws, and none opens that holds no signed cookie', () => {
  const piece = fc.oneof(
    fc.string({ unit: anyCodePoint }),
    fc.constantFrom(NAME, '=', ';', '%', 's:', '"', ',', ID),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      assert.equal(idOf(pieces.join('')), undefined);
    }),
    { numRuns: 500 },
  );
});

test('the pair that opened is given back byte for byte', () => {
  assert.equal(findSessionCookie(`${NAME}=evil; ${good}; a=b`, NAME, SECRETS)?.pair, good);
});
