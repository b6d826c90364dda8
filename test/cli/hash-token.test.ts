import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAdminTokens } from '../../src/admin/admin-tokens.ts';
import { resolveConfig } from '../../src/config/config.ts';
import { ALONE, assertDone, documentOf, run } from './rig.ts';

const TOKEN = 'planted-Token-of-the-test-8fk2';

async function ownerOf(tokenHash: string, token: string) {
  const { admin } = resolveConfig({ ...ALONE, admin: { tokenHash } }, { production: false, face: 'gateway' });
  return createAdminTokens({ tokens: admin.tokens, audit: { record: () => undefined } }).verify(
    token,
    '127.0.0.1',
  );
}

test('the hash of a token from stdin lets its holder in, by role and name, and the token is not repeated', async () => {
  const args = ['admin', 'hash-token', '--role', 'viewer', '--name', 'anna'];
  const said = assertDone(await run(args, { stdin: `${TOKEN}\n` }));
  const hash = /^ADMIN_TOKEN_HASH=(viewer:anna:\$scrypt.*)\n$/.exec(said.stdout)?.[1];
  assert.deepEqual(await ownerOf(hash!, TOKEN), { name: 'anna', role: 'viewer', how: 'token' });
  assert.equal(await ownerOf(hash!, `${TOKEN}x`), undefined);
  assert.doesNotMatch(said.stdout + said.stderr, /planted/);
});

test('a token that is made is printed once, beside its hash', async () => {
  const { token, tokenHash } = documentOf<{ token: string; tokenHash: string }>(
    assertDone(await run(['admin', 'hash-token', '--new', '--json'])),
  );
  assert.equal((await ownerOf(tokenHash, token))?.role, 'administrator');
  assert.match(assertDone(await run(['admin', 'hash-token', '--new'])).stdout, /^token: adm_\S{43}\n/);
});

test('a weak token is refused with the reason', async () => {
  for (const stdin of ['planted', 'p'.repeat(40), 'planted with blanks in it, long']) {
    const said = await run(['admin', 'hash-token'], { stdin });
    assert.equal(said.code, 1);
    assert.match(said.stderr, /a token has/);
    assert.doesNotMatch(said.stderr, /planted/);
  }
});
