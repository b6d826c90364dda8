/** The national id in any format, spelling, claim and place: what leaves the gateway never holds the unmasked number. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMask, maskTail } from '../../src/claims/mask.ts';
import { findCanary } from '../support/canary.ts';
import { NATIONAL_IDS, nationalIds, spellingsOf } from '../support/national-ids.ts';
import { runs } from '../support/runs.ts';
import { startValueRig, type Told, type ValueRig } from '../support/value-rig.ts';

/** Names under which it comes. */
const SOURCES: readonly ((id: unknown) => Record<string, unknown>)[] = [
  (id) => ({ national_id: id }),
  (id) => ({ 'signicat.national_id': id }),
  (id) => ({ signicat: { national_id: id } }),
  (id) => ({ nin: id, nin_type: 'PERSON', nin_issuing_country: 'NO' }),
  (id) => ({ nin: [id] }),
  (id) => ({ ftn_hetu: id, idp_id: id }),
  (id) => ({ ftn: { hetu: id } }),
  (id) => ({ acting_nin: id }),
  (id) => ({ suomifi_hetu: id }),
  (id) => ({ idporten_pid: id }),
  (id) => ({ ssn: id }),
  (id) => ({ personnummer: id }),
];
/** Where copies hide. */
const PLACES: readonly ((copy: string) => Record<string, unknown>)[] = [
  (copy) => ({ sub: copy }),
  (copy) => ({ sub: `user:${copy}:x` }),
  (copy) => ({ nick: copy }),
  (copy) => ({ nick: `Kari (${copy})` }),
  (copy) => ({ name: `${copy} Nordmann` }),
  (copy) => ({ email: `${copy}@bank.example` }),
  (copy) => ({ address: { formatted: `Storgata 1\n${copy}\n0150 Oslo` } }),
  (copy) => ({ address: { street_address: copy, postal_code: '0150', locality: 'Oslo' } }),
  (copy) => ({ note: ['a', [copy], { deep: { er: copy } }] }),
  (copy) => ({ note: `first ${copy}, then ${copy}${copy}` }),
  (copy) => ({ sbid_subject_dn: `CN=Kari,serialNumber=${copy},C=SE` }),
  (copy) => ({ birthdate: copy }),
];
const MAPPED = [
  ...['national_id', 'signicat.national_id', 'nin', 'ftn_hetu', 'idp_id', 'acting_nin', 'ssn', 'nin_type'],
  ...[
    'suomifi_hetu',
    'idporten_pid',
    'personnummer',
    'name',
    'email',
    'address',
    'note',
    'sbid_subject_dn',
    'birthdate',
  ],
];

/** As a claim of its own, in the forms in which a provider might send it. */
const forms = (id: string): unknown[] => [
  id,
  ...(/^[1-9]\d*$/.test(id) ? [Number(id)] : []),
  ` ${id}`,
  `${id}  `,
  `${id}\u00a0\u200b`,
  `\t${id}\r\n`,
];

async function assertHidden(rig: ValueRig, told: Told, id: string): Promise<void> {
  const session = await rig.send({ path: '/secure-chat/session', headers: ['Cookie', told.cookie] });
  assert.equal(session.status, 200);
  const outputs = {
    headers: told.seen.rawHeaders.join('\n'),
    decoded: [...told.raw.keys()].map((suffix) => told.value(suffix)).join('\n'),
    session: session.head + session.body,
    log: JSON.stringify(rig.system.log),
  };
  for (const [name, text] of Object.entries(outputs)) {
    const spelling = findCanary(text, id);
    // the text itself stays out of the failure: it holds the number
    assert.equal(spelling, undefined, `${name} of ${id.length} characters`);
  }
}

test('every public id, under every name and in every form', async (t) => {
  const rig = await startValueRig(t, MAPPED);
  for (const [index, source] of SOURCES.entries())
    for (const id of NATIONAL_IDS.filter((_, i) => i % SOURCES.length === index || i === index)) {
      const all = forms(id);
      rig.system.log.length = 0;
      const told = await rig.tell({
        ...source(all[index % all.length]),
        sub: 'kari',
        nick: 'Kari',
        birthdate: '1990-02-17',
      });
      await assertHidden(rig, told, id);
      assert.equal(told.value('Nickname'), 'Kari');
      assert.equal(told.value('Variable-birthdate'), '1990-02-17');
    }
});

test('any id, beside it any spelling of it in any other claim', async (t) => {
  const rig = await startValueRig(t, MAPPED);
  const person = fc.tuple(
    nationalIds,
    fc.constantFrom(...SOURCES),
    fc.subarray([...PLACES], { minLength: 1, maxLength: 6 }),
  );
  const spelt = person.chain(([id, source, places]) => {
    const copies = fc.array(spellingsOf(id), { minLength: places.length, maxLength: places.length });
    return fc.tuple(fc.constant(id), fc.constant(source), fc.constant(places), copies);
  });
  await fc.assert(
    fc.asyncProperty(spelt, async ([id, source, places, copies]) => {
      rig.system.log.length = 0;
      const claims = places.reduce((all, place, i) => ({ ...all, ...place(copies[i]!) }), {
        sub: 'kari',
        ...source(id),
      });
      await assertHidden(rig, await rig.tell(claims), id);
    }),
    { numRuns: runs(15) },
  );
});

test('the mask alone, many thousand times: no spelling survives, and masking again changes nothing', () => {
  const text = fc.tuple(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }));
  const cases = nationalIds.chain((id) => fc.tuple(fc.constant(id), spellingsOf(id), text));
  fc.assert(
    fc.property(cases, ([id, spelling, [before, after]]) => {
      const mask = createMask([id]);
      for (const masked of [
        mask.byValue(`${before}${spelling}${after}`),
        mask.byClaim(`${before}${spelling}${after}`),
      ]) {
        assert.equal(findCanary(masked, id), undefined);
        assert.equal(mask.byValue(masked), masked);
      }
    }),
    { numRuns: runs(500) },
  );
});

test('the last five characters are stars, whatever blanks stand around; five or fewer are all stars', () => {
  const blanks = fc.stringMatching(/^[ \t\u00a0\u2003\u200b\ufeff]{0,4}$/);
  fc.assert(
    fc.property(nationalIds, blanks, blanks, (id, before, after) => {
      assert.equal(maskTail(before + id + after), `${id.slice(0, -5)}*****`);
    }),
    { numRuns: runs(1000) },
  );
  for (const short of ['1', '12', '12345', 'a b', '\u{1f600}', 'e\u0301'])
    assert.match(maskTail(short), /^\*{1,5}$/);
});

test('claims of `maskedClaims` are masked like the id, also as numbers, in arrays and objects', async (t) => {
  const over = { maskedClaims: 'phone_number;name' };
  const rig = await startValueRig(t, ['phone_number', 'name', 'email'], { over });
  const told = await rig.tell({
    sub: 'kari',
    phone_number: 4791234567,
    name: ['Kari Nordmann', 'Bo'],
    email: '4791234567@x.no',
  });
  assert.equal(told.value('Variable-phone-number'), '47912*****');
  assert.equal(told.value('Variable-name'), 'Kari Nor*****, **');
  assert.equal(told.value('Variable-email'), '47912*****@x.no');
});

test('an id under two numbers: both are hidden, and a ChatId that would show one becomes a pseudonym', async (t) => {
  const rig = await startValueRig(t, MAPPED);
  const told = await rig.tell({
    sub: '17029012345',
    nin: '17029012345',
    acting_nin: '27034698436',
    name: '270346 98436',
  });
  await assertHidden(rig, told, '17029012345');
  await assertHidden(rig, told, '27034698436');
  assert.match(told.value('Id')!, /^[\w-]{24}$/);
});

test('a number in an error of the provider reaches neither the browser nor the log', async (t) => {
  const rig = await startValueRig(t, MAPPED);
  const [id] = NATIONAL_IDS;
  const { provider, url, log } = rig.system;
  for (const behaviour of [
    { token: { error: `invalid_grant ${id}` } },
    { userinfoClaims: { sub: id } },
    { authorizeParams: { error: 'access_denied', error_description: id, code: null } },
  ]) {
    provider.behave(behaviour);
    provider.setPerson({ sub: 'kari', nin: id });
    const visit = await rig.system.browser().open(`${url}/queues/q_bank`);
    assert.ok(visit.status >= 400, String(visit.status));
    assert.equal(findCanary(visit.body, id), undefined);
    assert.equal(findCanary(JSON.stringify(log), id), undefined);
  }
});

test('what only resembles the id stays readable: other numbers, its birth date, half of it', async (t) => {
  const rig = await startValueRig(t, ['nin', 'name', 'email', 'note', 'birthdate']);
  const honest = {
    name: 'Kari 17 02 90',
    email: '17029012346@bank.example',
    note: '170290 and 12345 apart by words',
    birthdate: '1990-02-17',
  };
  const told = await rig.tell({ sub: 'kari-17029', nin: '17029012345', ...honest });
  assert.deepEqual(told.variables, { nin: '170290*****', ...honest });
  assert.equal(told.value('Id'), 'kari-17029');
});
