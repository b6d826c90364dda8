import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { administratorOf } from '../../src/admin-site/oidc-sign-in.ts';
import { resolveConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/problems.ts';
import { startProvider, type Provider } from '../support/provider.ts';
import { inEveryFace, type SystemOptions } from '../support/system.ts';
import { Desk, shownOf } from './pages-rig.ts';
import { startAdministered } from './rig.ts';

const SECRET = 'admin-client-secret';

async function startOrganisation(t: TestContext, settings: SystemOptions = {}) {
  const organisation = await startProvider({ clients: { admin: { secret: SECRET } } });
  t.after(() => organisation.stop());
  const system = await startAdministered(t, {
    ...settings,
    options: { admin: { oidc: oidcOptions(organisation) } },
  });
  return { ...system, organisation };
}

function oidcOptions({ issuer }: Provider) {
  return {
    authEndpoint: issuer,
    authClientId: 'admin',
    authClientSecret: SECRET,
    authScope: 'openid profile groups',
    requiredClaims: {
      administrator: { name: 'groups', values: ['chat-admins'] },
      viewer: { name: 'org.unit', values: 'support, care' },
    },
  };
}

const ANNA = { sub: 'anna-sub', preferred_username: 'anna@bank.example', groups: ['staff', 'chat-admins'] };

async function toProvider(desk: Desk) {
  const begun = await desk.open('/sign-in/provider');
  assert.equal(begun.status, 303, begun.body);
  const asked = await desk.browser.navigate(begun.headers.get('location')!);
  return {
    asked: new URL(begun.headers.get('location')!).searchParams,
    back: asked.headers.get('location')!,
  };
}

/** As the provider sends the browser back: from another site. */
const goBack = (desk: Desk, back: string) =>
  desk.browser.navigate(back, { headers: { 'sec-fetch-site': 'cross-site' } });

inEveryFace(
  'the organisation’s login signs in whoever has the claim, by code flow with PKCE and nonce',
  async (t, face) => {
    const { url, browser, organisation, log, gateway } = await startOrganisation(t, { face });
    organisation.setPerson(ANNA);
    const desk = new Desk(url, browser());
    assert.match((await desk.open('')).body, /href="\/secure-chat\/admin\/sign-in\/provider"/);
    const { asked, back } = await toProvider(desk);
    assert.deepEqual(
      [
        asked.get('response_type'),
        asked.get('code_challenge_method'),
        asked.get('prompt'),
        asked.get('scope'),
      ],
      ['code', 'S256', null, 'openid profile groups'],
    );
    assert.equal(asked.get('redirect_uri'), `${url}/secure-chat/admin/callback`);
    for (const name of ['state', 'nonce', 'code_challenge']) assert.match(asked.get(name)!, /^[\w-]{43}$/);
    const landed = await goBack(desk, back);
    assert.equal(landed.status, 200, landed.body);
    assert.match(
      landed.headers.getSetCookie().join('\n'),
      /^secure-chat-admin=[\w-]{43};.*SameSite=Strict$/m,
    );
    assert.match(landed.body, /http-equiv="refresh" content="0; url=\/secure-chat\/admin"/);
    assert.match(shownOf((await desk.open('')).body), /anna@bank\.example administrator Sign out/);
    const code = new URL(back).searchParams.get('code')!;
    assert.equal(JSON.stringify([log, await gateway.administration!.read()]).includes(code), false);
    const again = await goBack(desk, back);
    assert.equal(again.status, 400, 'a response counts once');
  },
);

test('a viewer comes in by a nested claim, and the role that may more wins', async (t) => {
  const { url, browser, organisation } = await startOrganisation(t);
  organisation.setPerson({ sub: 'viggo', org: { unit: 'care' } });
  const desk = new Desk(url, browser());
  await goBack(desk, (await toProvider(desk)).back);
  assert.match(shownOf((await desk.open('')).body), /viggo viewer Sign out/, 'named by the sub');
  organisation.setPerson({ ...ANNA, org: { unit: 'care' } });
  await goBack(desk, (await toProvider(desk)).back);
  assert.match(shownOf((await desk.open('')).body), /anna@bank\.example administrator Sign out/);
});

inEveryFace('whoever has no role is told which claims would give one, and no value', async (t, face) => {
  const { url, browser, organisation } = await startOrganisation(t, { face });
  organisation.setPerson({ sub: 'otto-sub', groups: ['chat-administrators'], org: { unit: 'careless' } });
  const desk = new Desk(url, browser());
  const { status, body, headers } = await goBack(desk, (await toProvider(desk)).back);
  assert.equal(status, 403);
  assert.match(shownOf(body), /You have no role here.*groups.*org\.unit/);
  assert.doesNotMatch(body, /chat-admin|support|careless|otto/);
  assert.doesNotMatch(headers.getSetCookie().join(), /secure-chat-admin=/);
  assert.equal((await desk.open('')).status, 401);
});

test('what is not this browser’s own sign-in at this provider signs nobody in', async (t) => {
  const { url, browser, organisation, provider } = await startOrganisation(t);
  organisation.setPerson(ANNA);
  const [desk, other] = [new Desk(url, browser()), new Desk(url, browser())];
  const { back } = await toProvider(desk);
  const altered = (change: (query: URLSearchParams) => void) => {
    const address = new URL(back);
    change(address.searchParams);
    return address.href;
  };
  const attempts: [Desk, string, number][] = [
    [other, back, 400],
    [
      desk,
      altered((query) => {
        query.delete('state');
      }),
      400,
    ],
    [
      desk,
      altered((query) => {
        query.set('state', 'x'.repeat(43));
      }),
      400,
    ],
    [
      desk,
      altered((query) => {
        query.append('code', 'y');
      }),
      400,
    ],
    [
      desk,
      altered((query) => {
        query.set('error', 'access_denied');
      }),
      400,
    ],
    [
      desk,
      altered((query) => {
        query.set('iss', provider.issuer);
      }),
      400,
    ],
  ];
  for (const [who, address, status] of attempts) {
    assert.equal((await goBack(who, address)).status, status, address);
    assert.equal((await who.open('')).status, 401);
  }
  assert.equal(organisation.calls('token'), 0);
});

test('a visitor’s login is none of an administrator, and the other way round', async (t) => {
  const { url, browser, organisation } = await startOrganisation(t);
  organisation.setPerson(ANNA);
  const desk = new Desk(url, browser());
  const visitor = await desk.browser.navigate(`${url}/secure-chat/login?queueKey=q_bank`);
  const answered = await desk.browser.navigate(visitor.headers.get('location')!);
  const query = new URL(answered.headers.get('location')!).search;
  assert.equal((await goBack(desk, `${desk.base}/callback${query}`)).status, 400);
  const { back } = await toProvider(desk);
  const swapped = await goBack(desk, `${url}/secure-chat/callback${new URL(back).search}`);
  assert.equal(swapped.status, 400);
  assert.equal((await desk.open('')).status, 401);
});

test('a provider that says no, or answers nonsense, ends in a page', async (t) => {
  const { url, browser, organisation } = await startOrganisation(t);
  organisation.setPerson(ANNA);
  const desk = new Desk(url, browser());
  organisation.behave({ authorizeError: 'access_denied' });
  const refused = await goBack(desk, (await toProvider(desk)).back);
  assert.equal(refused.status, 401);
  assert.match(shownOf(refused.body), /The login was not finished/);
  for (const [behaviour, status] of [
    [{ idToken: { alg: 'none' } }, 502],
    [{ idToken: { claims: { nonce: 'another' } } }, 502],
    [{ token: 500 }, 503],
  ] as const) {
    organisation.behave({});
    const { back } = await toProvider(desk);
    organisation.behave(behaviour);
    const failed = await goBack(desk, back);
    assert.equal(failed.status, status, JSON.stringify(behaviour));
    assert.match(failed.body, /Go to the overview/);
    assert.equal((await desk.open('')).status, 401);
  }
});

test('a text is one value, a name is a plain line, and who has none is let in by none', () => {
  const { admin } = resolveConfig(
    {
      publicUrl: 'http://127.0.0.1:3000',
      upstream: 'http://127.0.0.1:9',
      customers: [{ customerKey: '1', connections: [] }],
      admin: { oidc: { ...oidcOptions({ issuer: 'https://sso.example' } as Provider), nameClaim: 'name' } },
    },
    { production: false, face: 'gateway' },
  );
  const roleOf = (claims: Record<string, unknown>) =>
    administratorOf(admin.oidc!, { sub: 's', ...claims }).kind;
  assert.equal(roleOf({ groups: 'chat-admins' }), 'administrator');
  for (const groups of [
    'chat-admins staff',
    'chat-admins,staff',
    ' chat-admins',
    'CHAT-ADMINS',
    1,
    null,
    { 0: 'chat-admins' },
    [['chat-admins']],
    true,
  ])
    assert.equal(roleOf({ groups }), 'no-role', JSON.stringify(groups));
  assert.equal(roleOf({ groups: 'chat-admins', sub: '' }), 'no-role');
  const named = administratorOf(admin.oidc!, { sub: 's', groups: 'chat-admins', name: 'Anna\r\n\u202eB' });
  assert.equal(named.kind === 'administrator' && named.administrator.name, 'Anna B');
});

test('oidc without a claim that is required of administrators is refused', () => {
  const problemsOf = (requiredClaims: object) => {
    try {
      resolveConfig(
        {
          publicUrl: 'http://127.0.0.1:3000',
          upstream: 'http://127.0.0.1:9',
          customers: [{ customerKey: '1', connections: [] }],
          admin: { oidc: { authEndpoint: 'http://sso.example', authClientId: 'admin', requiredClaims } },
        },
        { production: false, face: 'gateway' },
      );
    } catch (error) {
      if (error instanceof ConfigError) return error.problems.map(({ path }) => path);
      throw error;
    }
    return [];
  };
  assert.deepEqual(problemsOf({}), ['admin.oidc.requiredClaims', 'admin.oidc.authEndpoint']);
  assert.deepEqual(problemsOf({ viewer: { name: 'groups', values: ' , ' } }), [
    'admin.oidc.requiredClaims.viewer.values',
    'admin.oidc.authEndpoint',
  ]);
});
