/** An identity header in another mix of case, `_` and `-`: to upstreams that fold names it is the same, so none arrives. */
import assert from 'node:assert/strict';
import { assertNoAliasArrives } from '../support/alias-attacks.ts';
import { cgiEnvironment } from '../support/header-generators.ts';
import { assertOursOnly, behindEveryWall, PLACES, spoofs } from '../support/header-rig.ts';

/** CVE-2025-64484, CVE-2026-54763, CVE-2015-0219, CVE-2026-3902. */
const NAMED = [
  'X_Secure_Chat_Id',
  'x-secure_chat-id',
  'x_secure_chat_id',
  'X_SECURE_CHAT_ID',
  'X-SECURE-CHAT-ID',
  'x-secure-chat-id',
  'X-Secure-Chat_Id',
  'X-Secure_Chat-Variable_national_id',
  'X_Secure-Chat-Nickname',
];

behindEveryWall('the named spellings', async (_t, rig) => {
  for (const { path, secure } of PLACES) {
    const [seen] = (await rig.send({ path, headers: [...spoofs(NAMED), 'Cookie', rig.cookie] })).seen;
    assertOursOnly(seen!, secure ? 'identity' : 'nobody');
    const id = cgiEnvironment(seen!.rawHeaders).get('HTTP_X_SECURE_CHAT_ID');
    assert.equal(id, secure ? 'kari-sub' : undefined);
  }
});

behindEveryWall('any mix of case, underscore and hyphen, requests and upgrades', async (_t, rig) => {
  await assertNoAliasArrives(rig, ['-', '_']);
});

behindEveryWall('other headers keep their underscores and their case', async (_t, rig) => {
  const honest = ['X_Secure_Tab', 'a', 'x-SECURE-chatter', 'b', 'my_header', 'c', 'X_REQUEST_TAG', 'd'];
  for (const { path } of PLACES) {
    const [seen] = (await rig.send({ path, headers: [...honest, 'Cookie', rig.cookie] })).seen;
    const kept = seen!.rawHeaders.slice(seen!.rawHeaders.indexOf('X_Secure_Tab'));
    assert.deepEqual(kept.slice(0, honest.length), honest);
  }
});
