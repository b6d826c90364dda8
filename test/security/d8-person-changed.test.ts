/**
 * Threat: somebody else logs in at the same browser and goes on with an open chat under its first name. Until they load the
 * chat anew they get 409 `identity_changed`, and no request of theirs reaches the chat of the other.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openRaw } from '../support/raw-client.ts';
import { runs } from '../support/runs.ts';
import { identityOf, inEveryFace, kari, ola, startSystem } from '../support/system.ts';
import { codeOf } from '../support/problem-code.ts';

const login = (queueKey: string) => `/secure-chat/login?queueKey=${queueKey}&returnTo=/portal`;

inEveryFace(
  'an open chat is refused to the next person, by every method and as an upgrade',
  async (t, face) => {
    const { url, provider, upstream, browser, gateway, log } = await startSystem(t, { face });
    const visitor = browser();
    await visitor.open(`${url}/queues/q_bank`);
    provider.setPerson(ola);
    await visitor.open(url + login('q_bank'));
    const before = upstream.requests.length;
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const visit = await visitor.fetch(`${url}/queues/q_bank/messages`, { method });
      assert.equal(visit.status, 409, method);
      if (method !== 'HEAD') assert.equal(codeOf(visit), 'identity_changed', method);
    }
    const { port } = gateway.server.address() as { port: number };
    const socket = await openRaw(port);
    socket.write(
      `GET /queues/q_bank HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nOrigin: ${url}\r\n` +
        `Cookie: ${visitor.cookies('127.0.0.1')}\r\n\r\n`,
    );
    assert.match((await socket.closed).text, /^HTTP\/1\.1 409 /);
    assert.equal(upstream.requests.length, before, 'nothing of this arrived');

    const entered = log.filter(({ message }) => message === 'identity entered a queue');
    assert.equal(entered.length, 1, 'the log tells of the first person only');
    assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200, 'their own chat is open to them');
    assert.equal(identityOf(upstream)['x-secure-chat-id'], 'ola-sub');
    const subjects = log
      .filter(({ message }) => message === 'identity entered a queue')
      .map(({ fields }) => fields['subject']);
    assert.equal(new Set(subjects).size, 2, 'and of both now, under pseudonyms');
    assert.ok(!JSON.stringify(log).includes('ola-sub'));
  },
);

/** What is done in one browser: somebody logs in for a queue, opens its page, or its script asks for more. */
type Step = readonly ['login' | 'page' | 'script', 'q_bank' | 'q_loan', 'kari-sub' | 'ola-sub'];

/** What the gateway may let through, by its rules. */
class Model {
  identity: string | undefined;
  pending: { person: string; queue: string; former: string | undefined } | undefined;
  readonly owners = new Map<string, string>();

  login(queue: string, person: string): void {
    const former = this.identity ?? this.pending?.former;
    this.pending = { person, queue, former };
    this.identity = undefined;
  }

  /** Status, and who arrives. */
  enter(queue: string, person: string, page: boolean): string {
    if (this.pending === undefined && this.identity === undefined) {
      if (!page) return '401';
      this.login(queue, person);
    }
    if (this.pending !== undefined) {
      const { person: who, queue: place, former } = this.pending;
      this.identity = who;
      if (former === who) this.owners.set(place, who);
      this.pending = undefined;
    }
    const owner = this.owners.get(queue);
    if (!page && owner !== undefined && owner !== this.identity) return '409';
    this.owners.set(queue, this.identity!);
    return `200 ${this.identity!}`;
  }
}

test('in any order of logins, pages and scripts, nobody speaks in the chat of another', async (t) => {
  const { url, provider, upstream, browser } = await startSystem(t, {
    options: { loginsPerMinute: 1_000_000 },
  });
  const step: fc.Arbitrary<Step> = fc.tuple(
    fc.constantFrom('login', 'page', 'script', 'script'),
    fc.constantFrom('q_bank', 'q_loan'),
    fc.constantFrom('kari-sub', 'ola-sub'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 10 }), async (steps) => {
      const visitor = browser();
      const model = new Model();
      for (const [what, queue, person] of steps) {
        provider.setPerson(person === 'kari-sub' ? kari : ola);
        if (what === 'login') {
          model.login(queue, person);
          await visitor.open(url + login(queue));
          continue;
        }
        const address = `${url}/queues/${queue}`;
        const visit = what === 'page' ? await visitor.open(address) : await visitor.fetch(address);
        const id = visit.status === 200 ? ` ${identityOf(upstream)['x-secure-chat-id']!}` : '';
        assert.equal(`${visit.status}${id}`, model.enter(queue, person, what === 'page'), `${what} ${queue}`);
      }
    }),
    { numRuns: runs(25) },
  );
});
