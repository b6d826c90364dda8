import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isGatewayError } from '../../src/errors.ts';
import { authErrorFor, readAuthorizationResponse } from '../../src/oidc/response.ts';
import { anyCodePoint } from '../support/any-code-point.ts';

const STATE = 'A'.repeat(43);

test('a code with its state and issuer is read', () => {
  assert.deepEqual(
    readAuthorizationResponse(`code=c%2B1&state=${STATE}&iss=https%3A%2F%2Fp&scope=openid&session_state=x`),
    {
      state: STATE,
      code: 'c+1',
      error: undefined,
      iss: 'https://p',
    },
  );
});

test('an error with its state is read', () => {
  const { error, code } = readAuthorizationResponse(
    `error=login_required&error_description=%C3%A5&state=${STATE}`,
  );
  assert.deepEqual([error, code], ['login_required', undefined]);
});

test('members that nobody knows are passed over, also twice', () => {
  assert.equal(readAuthorizationResponse(`x=1&x=2&code=c&state=${STATE}`).code, 'c');
});

const malformed = [
  `code=a&code=b&state=${STATE}`,
  `code=a&code=a&state=${STATE}`,
  `code=a&state=${STATE}&state=${STATE}`,
  `code=a&c%6Fde=b&state=${STATE}`,
  `code[]=a&state=${STATE}`,
  `code%5B%5D=a&state=${STATE}`,
  `code[0]=a&state=${STATE}`,
  `code[x][y]=a&state=${STATE}`,
  `Code=a&state=${STATE}`,
  `CODE=a&code=b&state=${STATE}`,
  `+code=a&state=${STATE}`,
  `code=a&State=${STATE}`,
  `code=a&state=${STATE}&iss=a&iss=b`,
  `error=a&error=b&state=${STATE}`,
  `error=a&state=${STATE}&error_description=x&error_description=y`,
  `code=a&error=login_required&state=${STATE}`,
  `code=${'a'.repeat(4097)}&state=${STATE}`,
  `error=${'a'.repeat(129)}&state=${STATE}`,
  `code=a%0d%0ab&state=${STATE}`,
  `code=%ff&state=${STATE}`,
  `iss=${'a'.repeat(2049)}&code=a&state=${STATE}`,
  `id_token=x&state=${STATE}`,
  `access_token=x&code=a&state=${STATE}`,
  `response=x.y.z&state=${STATE}`,
  `code=a&state=${STATE}&x=${'y'.repeat(16_384)}`,
];
for (const query of malformed) {
  test(`request_malformed: ${query.slice(0, 50)}`, () => {
    assert.throws(() => readAuthorizationResponse(query), { code: 'request_malformed' });
  });
}

for (const query of [
  '',
  'code=a',
  'code=a&state=',
  'code=a&state=short',
  `code=a&state=${STATE}x`,
  `code=a&state=${'!'.repeat(43)}`,
]) {
  test(`state_mismatch: ${query}`, () => {
    assert.throws(() => readAuthorizationResponse(query), { code: 'state_mismatch' });
  });
}

test('D1: whatever the subsets and repetitions, a response is read only when each member stands once', () => {
  const names = ['state', 'code', 'error', 'error_description', 'iss', 'session_state', 'scope'];
  const member = fc.tuple(
    fc.constantFrom(...names, 'code[]', 'CODE', 'state[]'),
    fc.constantFrom('a', '', STATE),
  );
  fc.assert(
    fc.property(fc.array(member, { maxLength: 8 }), (members) => {
      const query = new URLSearchParams(members).toString();
      const values = (name: string) => members.filter(([key]) => key === name).map(([, value]) => value);
      try {
        const read = readAuthorizationResponse(query);
        assert.ok(members.every(([name]) => names.includes(name) && values(name).length === 1));
        assert.equal(read.state, values('state')[0]);
        assert.ok(read.code === undefined || read.error === undefined);
      } catch (error) {
        assert.ok(
          isGatewayError(error) && ['request_malformed', 'state_mismatch'].includes(error.code),
          String(error),
        );
      }
    }),
    { numRuns: 2000 },
  );
});

test('any bytes are answered with a reading or a refusal', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCodePoint, maxLength: 200 }), (query) => {
      try {
        readAuthorizationResponse(query);
      } catch (error) {
        assert.ok(isGatewayError(error), String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

const words: [string, string][] = [
  ['login_required', 'login_required'],
  ['interaction_required', 'interaction_required'],
  ['consent_required', 'consent_required'],
  ['account_selection_required', 'account_selection_required'],
  ['access_denied', 'access_denied'],
  ['server_error', 'provider_error'],
  ['temporarily_unavailable', 'provider_error'],
  ['invalid_scope', 'provider_error'],
  ['LOGIN_REQUIRED', 'provider_error'],
  ['constructor', 'provider_error'],
  ['<script>', 'provider_error'],
];
for (const [error, word] of words) {
  test(`authError for ${error} is ${word}`, () => {
    assert.equal(authErrorFor(error), word);
  });
}
