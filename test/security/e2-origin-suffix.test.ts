/** An origin that only resembles an allowed one is passed off as it: whole origins are compared, one character decides. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import fc from 'fast-check';
import { walkLogin } from '../support/login-walk.ts';
import { codeOf } from '../support/problem-code.ts';
import { quickClient } from '../support/quick-client.ts';
import { percent } from '../support/redirect-payloads.ts';
import { runs } from '../support/runs.ts';
import { startProvider } from '../support/provider.ts';
import { connection, inEveryFace, kari, startSystem } from '../support/system.ts';

const LISTED = [
  'https://www.bank.example',
  'https://pay.bank.example:8443',
  'http://localhost:3000',
  'https://xn--sprbank-jxa.example',
];
const FOREIGN = 'https://www.insurer.example';

/** Two customers, each with origins of its own. */
function twoCustomers(provider: Parameters<typeof connection>[0]) {
  const customer = (customerKey: string, queueKey: string, returnOrigins: readonly string[]) => ({
    customerKey,
    returnOrigins: [...returnOrigins],
    connections: [connection(provider)],
    queues: [{ queueKey, authConnectionName: 'Signicat' }],
  });
  return [customer('1', 'q_bank', LISTED), customer('2', 'q_insurer', [FOREIGN])];
}

/** One origin, slightly changed: a letter, a label, a dot, a port, a scheme, a user, another spelling of the host. */
function neighbours(origin: string): fc.Arbitrary<string> {
  const { protocol, hostname, port } = new URL(origin);
  const labels = hostname.split('.');
  const character = fc.constantFrom(...Array.from("abz09-._~%@:;,!*'()+$&=\u3002\uff0e\u00ad\u0430\u200b"));
  const inserted = fc
    .tuple(fc.nat(hostname.length), character)
    .map(([at, c]) => hostname.slice(0, at) + c + hostname.slice(at));
  const dropped = fc.nat(hostname.length - 1).map((at) => hostname.slice(0, at) + hostname.slice(at + 1));
  const hosts = fc.oneof(
    fc.constant(hostname),
    inserted,
    dropped,
    fc.constantFrom(
      hostname, `evil-${hostname}`, `evil.${hostname}`, `${hostname}.evil.example`, `${hostname}evil`, `${hostname}.`, `.${hostname}`,
      labels.slice(1).join('.'), `*.${labels.slice(1).join('.')}`, `${hostname}%2eevil.example`, `${hostname}%00`, `[${hostname}]`,
      labels.join('..'), labels.join('%2e'), hostname.toUpperCase(), `${hostname}\\.evil.example`, `${hostname},evil.example`,
    ), // prettier-ignore
  );
  const schemes = fc.constantFrom(
    protocol,
    protocol,
    protocol,
    'http:',
    'https:',
    'ws:',
    'wss:',
    'ftp:',
    'HTTPS:',
  );
  const ports = fc.constantFrom(
    port && `:${port}`,
    '',
    ':',
    ':0',
    ':80',
    ':443',
    ':8443',
    ':3000',
    ':3001',
    ':08443',
    ':65536',
    ':1e3',
    ':443@evil.example',
  );
  const users = fc.constantFrom('', '', '', '@', 'user@', 'user:pw@', ':@', 'evil.example@');
  return fc
    .tuple(schemes, users, hosts, ports, fc.constantFrom('', '/', '/chat', '?x=1', '#x'))
    .map(([scheme, user, host, at, tail]) => `${scheme}//${user}${host}${at}${tail}`);
}

inEveryFace('of all the neighbours of a listed origin only the origin itself is taken', async (t, face) => {
  const provider = await startProviderFor(t);
  const system = await startSystem(t, {
    face,
    provider,
    options: { loginsPerMinute: 1_000_000, customers: twoCustomers(provider) },
  });
  const ask = quickClient(t, system.url);
  const own = [system.url, ...LISTED];
  const neighbour = fc.constantFrom(...own, FOREIGN).chain(neighbours);
  await fc.assert(
    fc.asyncProperty(neighbour, async (address) => {
      const answer = await ask(
        `/secure-chat/login?customerKey=1&queueKey=q_bank&returnTo=${percent(address)}`,
      );
      const url = URL.canParse(address) ? new URL(address) : undefined;
      const listed = url !== undefined && own.includes(url.origin) && url.username + url.password === '';
      if (answer.status === 302) assert.ok(listed, address);
      else assert.deepEqual([answer.status, codeOf(answer)], [400, 'return_to_refused'], address);
      // what stands there letter by letter is never lost
      if (
        own.some((origin) =>
          [origin, `${origin}/`, `${origin}/chat`, `${origin}?x=1`, `${origin}#x`].includes(address),
        )
      )
        assert.equal(answer.status, 302, address);
    }),
    { numRuns: runs(250) },
  );
  assert.equal(provider.calls('authorize'), 0);
});

inEveryFace('the origins of one customer are no return for another one', async (t, face) => {
  const provider = await startProviderFor(t);
  const { url, browser } = await startSystem(t, {
    face,
    provider,
    options: { customers: twoCustomers(provider) },
  });
  for (const [customerKey, queueKey, good, bad] of [
    ['1', 'q_bank', LISTED, [FOREIGN]],
    ['2', 'q_insurer', [FOREIGN], LISTED],
  ] as const) {
    const login = `/secure-chat/login?customerKey=${customerKey}&queueKey=${queueKey}`;
    for (const origin of bad) {
      const answer = await browser().fetch(`${url}${login}&returnTo=${percent(`${origin}/chat`)}`);
      assert.deepEqual([answer.status, codeOf(answer)], [400, 'return_to_refused'], origin);
    }
    for (const origin of good) {
      const { landed } = await walkLogin(browser(), url, `${login}&returnTo=${percent(`${origin}/chat`)}`);
      assert.ok(landed.headers.get('location')!.startsWith(`${origin}/chat?authCode=`), origin);
    }
  }
});

async function startProviderFor(t: TestContext) {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  return provider;
}
