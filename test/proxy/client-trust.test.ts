import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { createClientTrust, type ForwardedFacts } from '../../src/proxy/client-trust.ts';

function request(
  remoteAddress: string | undefined,
  headers: Record<string, string>,
  encrypted = false,
): IncomingMessage {
  return { headers, socket: { remoteAddress, localPort: 3000, encrypted } } as unknown as IncomingMessage;
}

const forged = {
  host: 'chat.example.no',
  'x-forwarded-for': '6.6.6.6, 203.0.113.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-port': '444',
  forwarded: 'for=6.6.6.6;proto=https;host=evil.example',
};

for (const [name, trust, peer, headers, expected] of [
  [
    'nobody is trusted: facts of the socket',
    undefined,
    '198.51.100.1',
    forged,
    { for: ['198.51.100.1'], proto: 'http', host: 'chat.example.no', port: 3000 },
  ],
  [
    'no hops are no trust',
    0,
    '198.51.100.1',
    forged,
    { for: ['198.51.100.1'], proto: 'http', host: 'chat.example.no', port: 3000 },
  ],
  [
    'an empty list is no trust',
    [],
    '198.51.100.1',
    forged,
    { for: ['198.51.100.1'], proto: 'http', host: 'chat.example.no', port: 3000 },
  ],
  [
    'one hop: what the router appended, and nothing before it',
    1,
    '10.0.0.1',
    forged,
    { for: ['203.0.113.7', '10.0.0.1'], proto: 'https', host: 'evil.example', port: 444 },
  ],
  [
    'one hop that appends to lists: its own members count',
    1,
    '10.0.0.1',
    {
      ...forged,
      'x-forwarded-proto': 'https, http',
      'x-forwarded-host': 'evil.example, chat.example.no',
      'x-forwarded-port': '1, 80',
    },
    { for: ['203.0.113.7', '10.0.0.1'], proto: 'http', host: 'chat.example.no', port: 80 },
  ],
  [
    'two hops: client, outer, inner',
    2,
    '10.0.0.1',
    { ...forged, 'x-forwarded-for': '6.6.6.6, 203.0.113.7, 10.0.0.2' },
    { for: ['203.0.113.7', '10.0.0.2', '10.0.0.1'], proto: 'https', host: 'evil.example', port: 444 },
  ],
  [
    'two hops, one there: no more than was said',
    2,
    '10.0.0.1',
    { host: 'a.example', 'x-forwarded-for': '203.0.113.7' },
    { for: ['203.0.113.7', '10.0.0.1'], proto: 'http', host: 'a.example', port: 3000 },
  ],
  [
    'more hops than addresses: words are no addresses',
    3,
    '10.0.0.1',
    { host: 'a.example', 'x-forwarded-for': '"><script>, 203.0.113.7' },
    { for: ['203.0.113.7', '10.0.0.1'], proto: 'http', host: 'a.example', port: 3000 },
  ],
  [
    'trusted addresses: stops at the first other one',
    ['10.0.0.0/8'],
    '10.0.0.1',
    { ...forged, 'x-forwarded-for': '10.9.9.9, 203.0.113.7, 10.0.0.2' },
    { for: ['203.0.113.7', '10.0.0.2', '10.0.0.1'], proto: 'https', host: 'evil.example', port: 444 },
  ],
  [
    'trusted addresses, foreign peer: facts of the socket',
    ['10.0.0.0/8', 'loopback'],
    '198.51.100.1',
    forged,
    { for: ['198.51.100.1'], proto: 'http', host: 'chat.example.no', port: 3000 },
  ],
  [
    'a mapped peer is IPv4, for the list too',
    ['10.0.0.0/8'],
    '::ffff:10.0.0.1',
    { ...forged, 'x-forwarded-for': '::ffff:203.0.113.7' },
    { for: ['203.0.113.7', '10.0.0.1'], proto: 'https', host: 'evil.example', port: 444 },
  ],
  [
    'ports and brackets of addresses are dropped',
    2,
    '10.0.0.1',
    { host: 'a.example', 'x-forwarded-for': '203.0.113.7:4711, [2001:db8::1]:443' },
    { for: ['203.0.113.7', '2001:db8::1', '10.0.0.1'], proto: 'http', host: 'a.example', port: 3000 },
  ],
  [
    'https without a port is 443',
    1,
    '10.0.0.1',
    { host: 'a.example', 'x-forwarded-proto': 'HTTPS' },
    { for: ['10.0.0.1'], proto: 'https', host: 'a.example', port: 443 },
  ],
  [
    'a port in the forwarded host counts',
    1,
    '10.0.0.1',
    { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'a.example:8443' },
    { for: ['10.0.0.1'], proto: 'https', host: 'a.example:8443', port: 8443 },
  ],
  [
    'nonsense of a trusted proxy is not passed on',
    1,
    '10.0.0.1',
    {
      host: 'a.example',
      'x-forwarded-proto': 'gopher',
      'x-forwarded-host': 'a"b',
      'x-forwarded-port': '70000',
    },
    { for: ['10.0.0.1'], proto: 'http', host: 'a.example', port: 3000 },
  ],
  [
    'a Host that is none is left out',
    undefined,
    '10.0.0.1',
    { host: 'a.example";by=x' },
    { for: ['10.0.0.1'], proto: 'http', host: undefined, port: 3000 },
  ],
  [
    'a socket without an address is unknown',
    undefined,
    undefined,
    {},
    { for: ['unknown'], proto: 'http', host: undefined, port: 3000 },
  ],
] as [string, number | string[] | undefined, string | undefined, Record<string, string>, ForwardedFacts][]) {
  test(`client trust: ${name}`, () => {
    const clientTrust = createClientTrust(trust);
    const req = request(peer, headers);
    assert.deepEqual(clientTrust.forwarded(req), expected);
    assert.equal(clientTrust.address(req), expected.for[0]);
  });
}

test('client trust: TLS on the socket is https', () => {
  assert.equal(createClientTrust(undefined).forwarded(request('10.0.0.1', {}, true)).proto, 'https');
});

test('client trust: an address that is none is refused at construction', () => {
  assert.throws(() => createClientTrust(['router.example']), TypeError);
});

test('client trust: requests of one connection share its facts, but not the host that another has asked for', () => {
  const trust = createClientTrust(undefined);
  const { socket } = request('198.51.100.1', {});
  const ask = (host: string) => trust.forwarded({ headers: { host }, socket } as unknown as IncomingMessage);
  assert.equal(ask('a.example'), ask('a.example'));
  assert.deepEqual(
    ['a.example', 'b.example', 'a.example', 'not a host'].map((host) => ask(host).host),
    ['a.example', 'b.example', 'a.example', undefined],
  );
});
