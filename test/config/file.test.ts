import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { optionsFromFile, parseOptions } from '../../src/config/file.ts';
import { Report } from '../../src/config/problems.ts';

/** The vendor's page, as it is pasted. */
const PASTED = `
    authConnectionName: 'Signicat',
    authClientId: 'puzzelchatssodev',
    authEndpoint: 'https://preprod.signicat.com/oidc',
    authMapping: {"AuthProvider":{"MapType":"Variable","Description":"Authentication"},"given_name":{"MapType":"NickName"}},
`;
const READ = {
  authConnectionName: 'Signicat',
  authClientId: 'puzzelchatssodev',
  authEndpoint: 'https://preprod.signicat.com/oidc',
  authMapping: {
    AuthProvider: { MapType: 'Variable', Description: 'Authentication' },
    given_name: { MapType: 'NickName' },
  },
};

const forms: readonly [string, string][] = [
  ['as the vendor shows them, without braces', PASTED],
  ['with braces', `{${PASTED}}`],
  ['with a comment in front of the braces', `// ours\n/* { */ {${PASTED}}`],
  ['with a comment in front and at the end, without braces', `// { ours\n${PASTED}// end`],
  ['with a byte order mark', `\uFEFF${PASTED}`],
  ['as JSON', JSON.stringify(READ)],
];
for (const [how, text] of forms) {
  test(`the four lines are read ${how}`, () => {
    const report = new Report();
    assert.deepEqual(parseOptions(text, 'f', report), READ);
    assert.deepEqual(report.problems, []);
  });
}

const broken: readonly [string, string, string][] = [
  ['a slip in the second line', "{\n  a: 'CANARY' CANARY,\n}", 'chat.json:2:15'],
  ['a slip in the first line', "{ 'CANARY' }", 'chat.json:1:12'],
  ['a slip in the first line without braces', "a: 'x' CANARY", 'chat.json:1:8'],
  ['a slip in a later line without braces', "a: 1,\nb: 'x' CANARY", 'chat.json:2:8'],
  ['an end that comes too early', "{\n  a: 'CANARY',", 'chat.json:2:15'],
  ['an end that comes too early, without braces', 'a: [1,', 'chat.json:1:7'],
];
for (const [what, text, place] of broken) {
  test(`${what} is named by file, line and column, and nothing of it is quoted`, () => {
    const report = new Report();
    assert.equal(parseOptions(text, 'chat.json', report), undefined);
    assert.deepEqual(report.problems, [{ path: place, expected: 'JSON5' }]);
  });
}

for (const text of ['[]', '"CANARY"', '5', 'null']) {
  test(`a file that holds ${text} is no configuration`, () => {
    const report = new Report();
    assert.equal(parseOptions(text, 'f', report), undefined);
    assert.equal(report.problems.length, 1);
    assert.doesNotMatch(JSON.stringify(report.problems), /CANARY/);
  });
}

test('an empty file is an empty configuration', () => {
  assert.deepEqual(parseOptions('', 'f', new Report()), {});
});

test('__proto__ in a file stays an own key, for the checks to refuse', () => {
  const options = parseOptions("{ __proto__: { polluted: 1 }, '__proto__': 2 }", 'f', new Report());
  assert.ok(options !== undefined && Object.hasOwn(options, '__proto__'));
  assert.equal(Reflect.get({}, 'polluted'), undefined);
});

test('a file is read from disk, and a missing one is a problem that names it', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, 'chat.json5');
  writeFileSync(file, PASTED);
  assert.deepEqual(optionsFromFile(file, new Report()), READ);
  const report = new Report();
  assert.equal(optionsFromFile(join(folder, 'none'), report), undefined);
  assert.deepEqual(report.problems, [
    { path: join(folder, 'none'), expected: 'a readable file', hint: 'ENOENT' },
  ]);
  assert.equal(optionsFromFile(folder, report), undefined);
});

test('a configuration in place of its path is a problem that quotes nothing of it', () => {
  for (const text of ['{ authClientSecret: "canary" }', "authClientId: 'x',\nauthClientSecret: 'canary'"]) {
    const report = new Report();
    assert.equal(optionsFromFile(text, report), undefined);
    assert.equal(report.problems.length, 1);
    assert.doesNotMatch(JSON.stringify(report.problems), /canary/);
  }
});
