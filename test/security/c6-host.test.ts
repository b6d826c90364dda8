/** The Host header and the form of the target choose nothing: odd ones are 400, and the upstream is always the configured one. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rawRequest } from '../support/raw-client.ts';
import { runs } from '../support/runs.ts';
import { startSite } from '../support/site.ts';
import { inEveryFace } from '../support/system.ts';
import { headerValues, startUpstream } from '../support/upstream.ts';

const ODD_HOSTS = [
  'good.example/queues/q_open',
  'good.example\\x',
  'good.example?x',
  'good.example#x',
  'user@good.example',
  'user:pass@good.example:80',
  'good.example, evil.example',
  'good.example evil.example',
  'good.example:80:81',
  'good.example:',
  'good.example:http',
  'good.example:123456',
  '[::1',
  '::1',
  '[::1]x',
  'http://good.example',
  'good.example;x',
  'good.ex%61mple',
  'g\xf8d.example',
];
const second = fc.tuple(
  fc.constantFrom('Host', 'host', 'HOST', 'hOsT'),
  fc.constantFrom('', ' ', 'a.example', 'evil.example'),
);

inEveryFace(
  'an odd Host, a second one, none, or another form of target is 400 everywhere',
  async (t, face) => {
    const { url, upstream } = await startSite(t, { face });
    const elsewhere = await startUpstream();
    t.after(() => elsewhere.stop());
    const port = Number(new URL(url).port);
    const ask = (target: string, hosts: string, more = '') =>
      rawRequest(port, `GET ${target} HTTP/1.1\r\n${hosts}${more}Connection: close\r\n\r\n`);
    const where = fc.constantFrom(
      '/x',
      '/queues/q_open',
      '/queues/q_bank',
      '/secure-chat/healthz',
      '/secure-chat/login',
    );
    const refused = fc.oneof(
      fc.tuple(where, fc.constantFrom(...ODD_HOSTS)).map(([target, host]) => [target, `Host: ${host}\r\n`]),
      fc.tuple(where, second).map(([target, [name, host]]) => [target, `Host: g\r\n${name}: ${host}\r\n`]),
      where.map((target) => [target, '']),
      fc
        .tuple(fc.constantFrom('http://', 'https://', 'HTTP://', '//', 'ws://', '', '*', 'x:'), where)
        .map(([start, target]) => [
          start === '' ? `127.0.0.1:${elsewhere.port}` : `${start}127.0.0.1:${elsewhere.port}${target}`,
          'Host: g\r\n',
        ]),
    ) as fc.Arbitrary<[string, string]>;
    await fc.assert(
      fc.asyncProperty(refused, async ([target, hosts]) => {
        assert.match(await ask(target, hosts), /^HTTP\/1\.1 400 /, JSON.stringify([target, hosts]));
      }),
      { numRuns: runs(80) },
    );
    for (const upgrade of ['http://g/x', '//g/x'])
      assert.match(
        await ask(upgrade, 'Host: g\r\n', 'Upgrade: websocket\r\nConnection: upgrade\r\n'),
        /^HTTP\/1\.1 400 /,
      );
    assert.deepEqual([upstream.requests.length, elsewhere.requests.length], [0, 0]);
  },
);

inEveryFace('an honest Host of any name passes, and the upstream hears its own', async (t, face) => {
  const { url, upstream } = await startSite(t, { face });
  for (const host of [
    'chat.bank.example',
    'evil.example:8443',
    '[::1]:3000',
    '127.0.0.1',
    'LOCALHOST',
    'a_b.example.',
  ]) {
    const answer = await rawRequest(
      Number(new URL(url).port),
      `GET /queues/q_open HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    assert.match(answer, /^HTTP\/1\.1 200 /, host);
    assert.deepEqual(headerValues(upstream.requests.at(-1)!.rawHeaders, 'host'), [
      new URL(upstream.url).host,
    ]);
  }
});
