import assert from 'node:assert/strict';
import { hashAdminToken } from '../../src/admin/hash-admin-token.ts';
import { inEveryFace } from '../support/system.ts';
import { Desk } from './pages-rig.ts';
import { ADMIN_TOKEN, startAdministered } from './rig.ts';

const PAYLOADS = [
  '"><img src=x onerror=alert(1)>',
  "'><script>alert(1)</script>",
  '</textarea><svg onload=alert(1)>',
  '<%= 1 %>{{7*7}}',
];
const MARKS = /<img src=x|<script>alert|<svg onload/;

inEveryFace(
  'no text of the configuration becomes markup on any page, in a field or in a refusal',
  async (t, face) => {
    const admin = {
      tokenHash: [`administrator:${await hashAdminToken(ADMIN_TOKEN, { ln: 14, r: 8, p: 1 })}`],
    };
    const system = await startAdministered(t, { face, options: { admin } });
    const { url, browser, gateway, provider } = system;
    const administration = gateway.administration!;
    for (const [index, text] of PAYLOADS.entries()) {
      const customerKey = `${text}${index}`;
      const place = { customerKey, authConnectionName: text };
      const { revision } = await administration.read();
      await administration.change(
        [
          { kind: 'customer', customerKey },
          {
            kind: 'connection',
            ...place,
            settings: {
              authEndpoint: provider.issuer,
              authClientId: text,
              authScope: 'openid',
              maskedClaims: text,
              authAcrValues: text,
              authMapping: { [`a${text}`]: { MapType: 'Variable', Description: text } },
            },
          },
          {
            kind: 'queue.secure',
            customerKey,
            queueKey: text,
            authConnectionName: text,
            requiredAcrValues: [text],
          },
        ],
        { revision, actor: text },
      );
      const desk = new Desk(url, browser());
      await desk.signIn();
      const at = (path: string, about: Record<string, string>) =>
        `${path}?${new URLSearchParams(about).toString()}`;
      const queue = { customerKey, queueKey: text };
      const paths = [
        '',
        at('/customer', { customerKey }),
        at('/customer/new', { customerKey: text }),
        at('/connection', place),
        at('/connection/new', { customerKey }),
        at('/mapping', place),
        at('/secret', { ...place, key: 'authClientSecret' }),
        at('/queue', queue),
        at('/queue/new', { customerKey }),
        ...['queue.open', 'queue.remove', 'reset.queue'].map((act) => at('/confirm', { ...queue, act })),
        ...['connection.remove', 'reset.connection'].map((act) =>
          at('/confirm', { ...place, act, key: text }),
        ),
        at('/confirm', { customerKey, act: 'reset.customer' }),
        at('/audit', { customerKey }),
        at('/audit', { kind: text }),
        at('/audit', { after: text }),
        at('/sessions', {}),
        at('/nothing', { customerKey: text }),
      ];
      for (const path of paths) assert.doesNotMatch((await desk.open(path)).body, MARKS, path);
      for (const path of paths) {
        const page = await desk.open(path);
        const csrf = /name="csrf" value="([^"]*)"/.exec(page.body)?.[1] ?? '';
        const fields = {
          revision: '1',
          authClientId: text,
          authEndpoint: text,
          queueKey: text,
          subject: text,
          sample: text,
          returnOrigins: text,
        };
        const typed = {
          ...fields,
          customerKey: text,
          authConnectionName: text,
          'claim.0': text,
          'type.0': text,
          'description.0': text,
        };
        for (const button of ['preview', 'save', 'add', text]) {
          const answer = await desk.post(path, { csrf, ...typed, do: button });
          assert.doesNotMatch(answer.body, MARKS, `${path} ${button}`);
        }
      }
      assert.doesNotMatch((await desk.post('/sign-in', { token: text })).body, MARKS);
      const stranger = await browser().navigate(`${desk.base}/audit?x=${encodeURIComponent(text)}`, {
        headers: { 'sec-fetch-site': 'cross-site' },
      });
      assert.doesNotMatch(stranger.body, MARKS);
    }
  },
);

inEveryFace('no text gets a line into a header', async (t, face) => {
  const { url, browser } = await startAdministered(t, { face });
  const desk = new Desk(url, browser());
  await desk.signIn();
  const text = 'a\r\nSet-Cookie: planted=1\r\n\r\n<b>';
  for (const [path, fields] of [
    ['/customer/new', { customerKey: text }],
    [
      '/connection/new?customerKey=12345',
      { authConnectionName: text, authEndpoint: 'https://a.example', authClientId: text },
    ],
    ['/queue/new?customerKey=12345', { queueKey: text, do: 'open' }],
  ] as const) {
    const { headers, status } = await desk.fill(path, fields);
    assert.ok(status === 303 || status === 422, path);
    assert.doesNotMatch(headers.getSetCookie().join(), /planted/, path);
    assert.doesNotMatch(headers.get('location') ?? '', /[\r\n]/, path);
  }
});
