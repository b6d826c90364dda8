import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publicLocation } from '../../src/proxy/upstream.ts';
import { inEveryFace, startSystem } from '../support/system.ts';

test('only addresses below the upstream itself become public ones', () => {
  const upstream = { origin: 'http://10.0.0.1:8080', basePath: '/chat' };
  const cases: [string, string][] = [
    ['http://10.0.0.1:8080/chat/a?b#c', 'https://chat.example/a?b#c'],
    ['HTTP://10.0.0.1:8080/chat', 'https://chat.example'],
    ['http://10.0.0.1:8080/chatter', 'http://10.0.0.1:8080/chatter'],
    ['http://10.0.0.1:80801/chat/', 'http://10.0.0.1:80801/chat/'],
    ['/chat/a', '/chat/a'],
    ['https://elsewhere.example/', 'https://elsewhere.example/'],
  ];
  for (const [location, expected] of cases)
    assert.equal(publicLocation(upstream, 'https://chat.example', location), expected);
});

inEveryFace("a redirect to the upstream's own address leads back to the gateway", async (t, face) => {
  const system = await startSystem(t, {
    face,
    upstream: (req, res) =>
      void res.writeHead(302, { location: `http://${req.headers.host ?? ''}/next` }).end(),
  });
  const answer = await system.browser().fetch(`${system.url}/first`);
  assert.equal(answer.headers.get('location'), `${system.url}/next`);
});
