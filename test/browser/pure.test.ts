import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeOutcome } from '../../src/browser/address.ts';
import { challengeOf, createVerifier } from '../../src/browser/challenge.ts';
import { isSameSite } from '../../src/browser/site.ts';

test('the outcome leaves the address, and everything else stays byte for byte', () => {
  const cases: [string, string, object | undefined][] = [
    ['https://b.no/chat?authCode=h', 'https://b.no/chat', { authCode: 'h' }],
    [
      'https://b.no/?a=1&authCode=h&b=%7E+x&a=2#/r?authCode=no',
      'https://b.no/?a=1&b=%7E+x&a=2#/r?authCode=no',
      { authCode: 'h' },
    ],
    ['https://b.no/?authError=login_required&&x', 'https://b.no/?&x', { authError: 'login_required' }],
    ['https://b.no/?auth%43ode=h#a#b', 'https://b.no/#a#b', { authCode: 'h' }],
    ['https://b.no/?authcode=x&code=y#z', 'https://b.no/?authcode=x&code=y#z', undefined],
    ['https://b.no/#authCode=h', 'https://b.no/#authCode=h', undefined],
    ['https://b.no/?', 'https://b.no/?', undefined],
  ];
  for (const [from, address, landing] of cases) assert.deepEqual(takeOutcome(from), { address, landing });
});

test('an outcome that stands there twice is none, and leaves all the same', () => {
  const twice = takeOutcome('https://b.no/?authCode=mine&x=1&authCode=theirs');
  assert.deepEqual(twice, { address: 'https://b.no/?x=1', landing: {} });
  assert.deepEqual(takeOutcome('https://b.no/?authCode=h&authError=e').landing, {});
});

test('the challenge is that of RFC 7636, appendix B, and verifiers are new each time', async () => {
  assert.equal(
    await challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'),
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  );
  assert.match(createVerifier(), /^[\w-]{43}$/);
  assert.notEqual(createVerifier(), createVerifier());
});

test('two names are of one site when the browser takes a cookie for what they share', () => {
  const at = (url: string) => new URL(url);
  const suffixes = ['no', 'co.uk', 'github.io', 'localhost'];
  const tried: string[] = [];
  const same = (page: string, gateway: string) =>
    isSameSite(at(page), at(gateway), (domain) => {
      tried.push(domain);
      return !suffixes.includes(domain);
    });
  assert.ok(same('https://www.bank.no', 'https://chat.bank.no'));
  assert.ok(same('https://bank.no', 'https://chat.bank.no'));
  assert.ok(same('https://chat.bank.no:8443', 'https://chat.bank.no'));
  assert.ok(same('http://127.0.0.1:1', 'http://127.0.0.1:2'));
  assert.ok(!same('http://www.bank.no', 'https://chat.bank.no'));
  assert.ok(!same('https://www.bank.no', 'https://chat.example.no'));
  assert.ok(!same('https://a.co.uk', 'https://b.co.uk'));
  assert.ok(!same('https://one.github.io', 'https://two.github.io'));
  assert.ok(!same('https://www.bank.no', 'https://www.bank.se'));
  assert.ok(!same('https://xbank.no', 'https://bank.no'));
  assert.ok(!same('http://10.0.0.1', 'http://11.0.0.1'));
  assert.ok(!same('http://www.bank.localhost', 'http://chat.vendor.localhost'));
  assert.deepEqual([...new Set(tried)], ['bank.no', 'co.uk', 'github.io']);
});
