/** An e-mail address or a folded spelling taken for the person (CVE-2026-40574): a person is issuer and `sub`, to the letter, and whoever differs in one of them is somebody else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toIdentity } from '../../src/claims/identity.ts';
import { createPseudonymizer } from '../../src/claims/pseudonym.ts';
import { fourLines, resolved } from '../config/examples.ts';
import { standAlone } from '../support/faces.ts';
import { startProvider } from '../support/provider.ts';
import { runs } from '../support/runs.ts';
import { connection, identityOf, inEveryFace, kari, startSystem } from '../support/system.ts';
import { codeOf } from '../support/problem-code.ts';

/** Two persons that something would take for one. */
const PAIRS: readonly (readonly [what: string, one: object, other: object])[] = [
  [
    'one e-mail, two subs',
    { sub: 'a1', email: 'kari@bank.example' },
    { sub: 'a2', email: 'kari@bank.example' },
  ],
  ['a sub that is the other’s e-mail', { sub: 'a1', email: 'a2' }, { sub: 'a2', email: 'a1' }],
  ['case', { sub: 'kari-sub' }, { sub: 'Kari-Sub' }],
  ['a blank behind', { sub: 'kari' }, { sub: 'kari ' }],
  ['a blank in front', { sub: 'kari' }, { sub: ' kari' }],
  ['a no-break space', { sub: 'kari a' }, { sub: 'kari\u00a0a' }],
  ['composed and decomposed', { sub: 'k\u00e5ri' }, { sub: 'ka\u030ari' }],
  ['full width', { sub: 'kari1' }, { sub: 'kari\uff11' }],
  ['an invisible character', { sub: 'kari' }, { sub: 'ka\u200bri' }],
  ['a Kelvin sign', { sub: 'K1' }, { sub: '\u212a1' }],
  ['a dotless i', { sub: 'kari' }, { sub: 'kar\u0131' }],
  ['a second @', { sub: 'kari@bank.example' }, { sub: 'kari@evil.example@bank.example' }],
  ['a percent sign', { sub: 'kari%20a' }, { sub: 'kari a' }],
  ['leading zeros', { sub: '17' }, { sub: '017' }],
  ['a plus address', { sub: 'kari@bank.example' }, { sub: 'kari+1@bank.example' }],
];

inEveryFace(
  'whoever has another sub is another person, however alike: in the chat and at the upstream',
  async (t, face) => {
    const system = await startSystem(t, { face });
    const { url, provider, upstream, log } = system;
    // the faces share what decides here: one of them sees every pair
    for (const [what, one, other] of face === standAlone ? PAIRS : PAIRS.slice(0, 4)) {
      const visitor = system.browser();
      const enter = async (claims: object, queue: string) => {
        provider.setPerson({ ...kari, 'signicat.national_id': undefined, ...claims });
        await visitor.open(`${url}/secure-chat/login?queueKey=${queue}&returnTo=/portal`);
        return visitor.fetch(`${url}/queues/${queue}`);
      };
      assert.equal((await enter(one, 'q_bank')).status, 200, what);
      const first = decodeURIComponent(identityOf(upstream)['x-secure-chat-id']!);
      // the very same person, with another name and address, goes on
      assert.equal(
        (await enter({ ...one, email: 'new@bank.example', name: 'K' }, 'q_loan')).status,
        200,
        what,
      );
      assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 200, what);
      // the other one logs in and meets the first one's chats
      const refused = await enter(other, 'q_loan');
      assert.deepEqual([refused.status, codeOf(refused)], [409, 'identity_changed'], what);
      const anew = await visitor.navigate(`${url}/queues/q_bank`);
      assert.equal(anew.status, 200, what);
      const second = decodeURIComponent(identityOf(upstream)['x-secure-chat-id']!);
      assert.deepEqual([first, second], [(one as typeof kari).sub, (other as typeof kari).sub], what);
      const subjects = log
        .splice(0)
        .filter(({ message }) => message === 'identity entered a queue')
        .map(({ fields }) => fields['subject']);
      assert.equal(new Set(subjects).size, 2, what);
    }
  },
);

inEveryFace(
  'one sub at two issuers is two persons, and the one does not open the other’s queue',
  async (t, face) => {
    const [one, two] = [await startProvider({ person: kari }), await startProvider({ person: kari })];
    t.after(() => Promise.all([one.stop(), two.stop()]));
    const { url, browser, log } = await startSystem(t, {
      face,
      provider: one,
      options: {
        customers: [
          {
            customerKey: '1',
            connections: [connection(one), connection(two, { authConnectionName: 'Other' })],
            queues: [
              { queueKey: 'q_one', authConnectionName: 'Signicat' },
              { queueKey: 'q_two', authConnectionName: 'Other' },
            ],
          },
        ],
      },
    });
    const visitor = browser();
    assert.equal((await visitor.open(`${url}/queues/q_one`)).status, 200);
    assert.equal(codeOf(await visitor.fetch(`${url}/queues/q_two`)), 'login_required');
    assert.equal((await visitor.open(`${url}/queues/q_two`)).status, 200);
    const entered = log.filter(({ message }) => message === 'identity entered a queue');
    assert.deepEqual(
      entered.map(({ fields }) => fields['connection']),
      ['Signicat', 'Other'],
    );
    assert.notEqual(entered[0]!.fields['subject'], entered[1]!.fields['subject']);
  },
);

test('the key of a person is never the same for two pairs of issuer and sub, and follows from nothing else', () => {
  const pseudonym = createPseudonymizer(Buffer.alloc(32, 7));
  const here = resolved(fourLines).customers[0]!.connections[0]!;
  const subjectOf = (iss: string, sub: string, rest: object = {}) =>
    toIdentity({ ...rest, iss, sub }, here, pseudonym).subject;
  const issuer = fc.oneof(fc.webUrl(), fc.constantFrom('https://a', 'https://a/', 'https://A', 'a","b'));
  const plain = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1 }),
    fc.constantFrom('b', 'B', 'b ', '","b'),
  );
  const alike = fc
    .tuple(plain, fc.constantFrom('upper', 'blank', 'NFD', 'NFKC', 'quote', 'same', 'zero'))
    .map(([sub, how]) => [sub, VARY[how]!(sub)] as const);
  fc.assert(
    fc.property(
      issuer,
      issuer,
      alike,
      fc.dictionary(fc.string(), fc.string()),
      (a, b, [sub, other], rest) => {
        fc.pre(sub.trim() !== '' && other.trim() !== '');
        const same = a === b && sub === other;
        assert.equal(subjectOf(a, sub) === subjectOf(b, other, { ...rest, email: sub }), same);
      },
    ),
    { numRuns: runs(2000) },
  );
});

const VARY: Record<string, (text: string) => string> = {
  upper: (text) => text.toUpperCase(),
  blank: (text) => `${text} `,
  NFD: (text) => text.normalize('NFD'),
  NFKC: (text) => text.normalize('NFKC'),
  quote: (text) => `"${text}"`,
  same: (text) => text,
  zero: (text) => `0${text}`,
};
