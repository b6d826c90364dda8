import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { GatewayError, PROBLEMS, type ProblemCode } from '../../src/errors.ts';
import { isCuredByLogin, problemDocument, problemHeaders } from '../../src/pages/problem-document.ts';

const CODES = Object.keys(PROBLEMS) as ProblemCode[];

for (const code of CODES) {
  test(`${code}: the document holds the contract's members and nothing internal`, () => {
    const cause = new Error('ECONNREFUSED 10.0.0.7:6379 secret');
    const document = problemDocument(new GatewayError(code, 'What happened.', { cause }), 'r1');
    assert.deepEqual(document, {
      type: `urn:secure-chat:problem:${code}`,
      title: PROBLEMS[code].title,
      status: PROBLEMS[code].status,
      detail: 'What happened.',
      code,
      requestId: 'r1',
    });
    assert.ok(URL.canParse(document.type));
  });

  test(`${code}: loginUrl goes along exactly when a login is the cure`, () => {
    const error = new GatewayError(code, 'x', { loginUrl: '/own' });
    const cured = isCuredByLogin(code);
    assert.equal(problemDocument(error, 'r').loginUrl, cured ? '/own' : undefined);
    assert.equal(problemDocument(error, 'r', { loginUrl: '/given' }).loginUrl, cured ? '/given' : undefined);
  });

  test(`${code}: a 401 has its challenge, 429 and 503 their Retry-After, others neither`, () => {
    const { status } = PROBLEMS[code];
    const headers = problemHeaders(code);
    assert.deepEqual(
      Object.keys(headers),
      status === 401 ? ['WWW-Authenticate'] : [429, 503].includes(status) ? ['Retry-After'] : [],
    );
    // Schemes for which browsers open a dialog of their own.
    assert.doesNotMatch(headers['WWW-Authenticate'] ?? '', /basic|digest|ntlm|negotiate/i);
    if ('Retry-After' in headers) assert.match(headers['Retry-After'], /^[1-9]\d*$/);
  });
}

test('every 401 is cured by a login', () => {
  for (const code of CODES) assert.ok(PROBLEMS[code].status !== 401 || isCuredByLogin(code), code);
});

test('docs/errors.md explains every code, in order, with its status, title, cause and cure', () => {
  const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const sections = text.split(/^### /m).slice(1);
  assert.deepEqual(
    sections.map((section) => section.split('\n', 1)[0]),
    CODES.map((code) => `\`${code}\``),
  );
  for (const [index, code] of CODES.entries()) {
    const section = sections[index]!;
    const { status, title } = PROBLEMS[code];
    assert.ok(section.includes(`**${status}** · ${title}\n`), `${code}: status and title`);
    for (const part of ['Meaning', 'Cause', 'Cure']) {
      assert.match(section, new RegExp(`^- ${part}: \\S.{20,}`, 'm'), `${code}: ${part}`);
    }
  }
});
