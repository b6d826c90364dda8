import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { identityHeaders } from '../../src/proxy/identity-headers.ts';
import {
  AssertionRefused,
  createVerifier,
  decodeIdentityHeaders,
  type HeaderSource,
} from '../../src/verify/index.ts';
import { anyCodePoint } from '../support/any-code-point.ts';
import { runs } from '../support/runs.ts';
import { ISSUER, makeSigner, QUEUE, refused, sign, type Signer } from './rig.ts';

const NAME = 'X-Secure-Chat-Assertion';
let signer: Signer;
let good: string;

before(async () => {
  signer = await makeSigner();
  good = await sign(signer);
});

const verifierFor = (headerPrefix?: string) =>
  createVerifier({
    issuer: ISSUER,
    audience: QUEUE,
    jwks: { keys: [signer.jwk] },
    ...(headerPrefix === undefined ? {} : { headerPrefix }),
  });

/** What node:http makes of these lines, byte for byte. */
async function received(lines: readonly string[]): Promise<IncomingMessage> {
  const server = createServer((_req, res) => res.end());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(
    ['GET / HTTP/1.1', 'Host: chat', 'Connection: close', ...lines, '', ''].join('\r\n'),
    'latin1',
  );
  const [request] = (await once(server, 'request')) as [IncomingMessage];
  await once(socket.resume(), 'close');
  server.close();
  return request;
}

test('the assertion is found in a request, in headers of every kind, and in any case of its name', async () => {
  const request = await received([`x-SECURE-chat-Assertion: ${good}`]);
  const sources: readonly HeaderSource[] = [
    request,
    request.headers,
    request.rawHeaders,
    { headers: request.headers },
    { [NAME]: good },
    { [NAME.toLowerCase()]: [good] },
    new Headers({ [NAME]: good }),
    new Request('http://chat/', { headers: { [NAME]: good } }),
    ['Host', 'chat', NAME, good],
  ];
  for (const source of sources) assert.equal((await verifierFor().verifyRequest(source)).sub, 'rH8fKzq2');
  assert.equal((await verifierFor('X-Bank-').verifyRequest({ 'x-bank-assertion': good })).queue, QUEUE);
  await refused(verifierFor().verifyRequest(request, { audience: 'q_loans' }), 'assertion_audience');
});

test('without an assertion nobody is there, whatever the plain headers say', async () => {
  const plain = ['X-Secure-Chat-Connection: Signicat', 'X-Secure-Chat-Id: 7', 'X-Secure-Chat-Assertions: x'];
  await refused(verifierFor().verifyRequest(await received(plain)), 'assertion_missing');
  for (const source of [{}, [], new Headers(), { [NAME]: '' }])
    await refused(verifierFor().verifyRequest(source), 'assertion_missing');
});

test('two assertions, or one under a name that folds to the same, are refused', async () => {
  const other = await sign(signer, { claims: { sub: 'mallory' } });
  const separator = fc.constantFrom('-', '_', '.', '!', '~', '$', '*');
  const spelling = fc.tuple(separator, separator, separator, fc.boolean()).map(([a, b, c, upper]) => {
    const name = `x${a}secure${b}chat${c}assertion`;
    return upper ? name.toUpperCase() : name;
  });
  await fc.assert(
    fc.asyncProperty(spelling, fc.boolean(), fc.constantFrom(good, other, ''), async (name, first, value) => {
      const pair = [`${name}: ${value}`, `${NAME}: ${good}`];
      const lines = first ? pair : pair.reverse();
      const raw = lines.flatMap((line) => line.split(': '));
      await refused(verifierFor().verifyRequest(raw), 'assertion_malformed');
      if (/[^a-z-]/i.test(name))
        await refused(verifierFor().verifyRequest([name, good]), 'assertion_malformed');
    }),
    { numRuns: runs(150) },
  );
  const request = await received([`${NAME}: ${good}`, `${NAME}: ${good}`]);
  const tidied = { headers: { [NAME]: good }, rawHeaders: [NAME, good, NAME, good] };
  for (const source of [
    tidied,
    request,
    request.headers,
    { [NAME]: [good, good] },
    { [NAME]: good, [NAME.toLowerCase()]: good },
  ])
    await refused(verifierFor().verifyRequest(source), 'assertion_malformed');
});

const text = fc.string({ unit: anyCodePoint, maxLength: 40 });
const filled = text.filter((value) => value !== '');
const claimName = fc.stringMatching(/^[a-z][a-z_.]{0,12}$/);

test('plain headers of the gateway decode to what it wrote, over all of Unicode', () => {
  const person = fc.record({
    chatId: fc.option(filled, { nil: undefined }),
    nickName: fc.option(filled, { nil: undefined }),
    acr: fc.option(filled, { nil: undefined }),
    amr: fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 3 }),
    authTime: fc.option(fc.nat({ max: 4_294_967_296 }), { nil: undefined }),
    variables: fc.uniqueArray(
      fc.record({ name: claimName, description: fc.option(text, { nil: undefined }), value: filled }),
      { selector: ({ name }) => name.replace(/[^a-z]+/g, '-'), maxLength: 4 },
    ),
    place: fc.record({ customerKey: filled, queueKey: filled, connectionName: filled }),
  });
  fc.assert(
    fc.property(person, ({ place, ...identity }) => {
      const mapping = identity.variables.map(({ name, description }) => ({
        claim: name,
        mapType: 'Variable' as const,
        description,
        headerSuffix: `Variable-${name.replace(/[^a-z]+/g, '-')}`,
        masked: false,
        pseudonymized: false,
      }));
      const { headers } = identityHeaders({ ...identity, subject: 's', authUserId: 'u' }, place, {
        prefix: 'X-Secure-Chat-',
        limitBytes: 1_000_000,
        mapping,
      });
      assert.deepEqual(decodeIdentityHeaders(headers.flat()), {
        ...identity,
        variables: identity.variables.map((variable) => ({ ...variable })),
        customer: place.customerKey,
        queue: place.queueKey,
        connection: place.connectionName,
        truncated: [],
      });
    }),
    { numRuns: runs(400) },
  );
});

const plain = {
  'x-secure-chat-customer': '12345',
  'x-secure-chat-queue': 'q_bank',
  'x-secure-chat-connection': 'Signicat',
  'x-secure-chat-nickname': '%C3%85se+%C3%98deg%C3%A5rd%20%F0%9F%A6%8A',
  'x-secure-chat-variables': '[{"name":"national_id","description":"F\\u00f8dselsnummer","value":"\\u0025"}]',
  'x-secure-chat-amr': 'pwd otp',
  'x-secure-chat-auth-time': '4294967296',
  'x-secure-chat-truncated': 'name,address',
};

test('plain headers: + is a plus sign, lists and numbers are typed, what is absent is undefined', () => {
  assert.deepEqual(decodeIdentityHeaders(plain), {
    customer: '12345',
    queue: 'q_bank',
    connection: 'Signicat',
    chatId: undefined,
    nickName: 'Åse+Ødegård 🦊',
    variables: [{ name: 'national_id', description: 'Fødselsnummer', value: '%' }],
    acr: undefined,
    amr: ['pwd', 'otp'],
    authTime: 4294967296,
    truncated: ['name', 'address'],
  });
  assert.equal(decodeIdentityHeaders({ ...plain, 'x-secure-chat-connection': undefined }), undefined);
  assert.equal(decodeIdentityHeaders({ 'x-bank-connection': 'a' }), undefined);
});

test('plain headers that the gateway would not send are refused, without quoting them', () => {
  const odd: readonly (readonly [name: string, value: string | string[] | undefined])[] = [
    ['nickname', '%C3'],
    ['nickname', '100%'],
    ['nickname', '\u00c5se'],
    ['id', ['1', '2']],
    ['variables', '{}'],
    ['variables', '[{"name":"a"}]'],
    ['variables', '[secret-word'],
    ['auth-time', 'yesterday'],
    ['auth-time', '1e9'],
    ['auth-time', '-1'],
    ['customer', undefined],
    ['queue', undefined],
  ];
  for (const [name, value] of odd) {
    assert.throws(
      () => decodeIdentityHeaders({ ...plain, [`x-secure-chat-${name}`]: value }),
      (error: unknown) => {
        assert.ok(error instanceof AssertionRefused && error.code === 'headers_malformed', name);
        assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /secret-word|yesterday|100%/);
        return true;
      },
    );
  }
  assert.throws(() => decodeIdentityHeaders({ ...plain, x_secure_chat_id: '7' }), {
    code: 'headers_malformed',
  });
});
