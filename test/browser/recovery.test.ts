import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

interface Recovery {
  again(code: string, mayLeave: boolean): Promise<boolean>;
  current(): Promise<boolean> | undefined;
}
interface Unsent {
  all(): readonly { url: string; body?: string; uncertain: boolean }[];
}

/** What is under test; its own types need a browser's, which tests have not. */
interface Parts {
  readonly createTabStorage: (gateway: string) => object;
  readonly createEvents: () => object;
  readonly createUnsent: (storage: object) => Unsent;
  readonly createRecovery: (settings: object, storage: object, outcomes: object, ways: object) => Recovery;
  readonly createRequests: (parts: object) => { fetch(path: string, init?: object): Promise<Response> };
}

const partOf = (name: string) => import(`../../src/browser/${name}.ts`) as Promise<Parts>;
const { createTabStorage } = await partOf('storage');
const { createEvents } = await partOf('events');
const { createUnsent } = await partOf('unsent');
const { createRecovery } = await partOf('recovery');
const { createRequests } = await partOf('requests');

const GATEWAY = 'https://chat.vendor.no/secure-chat';

// a browser that does not say whether a click counts, and the patience of a page that leaves
Object.assign(globalThis, { open: () => null });
Object.defineProperty(globalThis, 'navigator', { value: {} });
mock.timers.enable({ apis: ['setTimeout'] });

/** A tab whose browser blocks every popup, and what it did. */
function tab() {
  const did: string[] = [];
  const storage = createTabStorage(GATEWAY);
  const failed = (reason: string) => {
    did.push(`failed: ${reason}`);
    return { status: 'login-required', reason };
  };
  const leave = () => {
    did.push('left');
    return new Promise(() => undefined);
  };
  const recovery = createRecovery({}, storage, { failed }, { leave });
  return { did, storage, recovery };
}

test('a request for which no login can be had without a click leaves the one there is to the message after it', async () => {
  const { did, recovery } = tab();
  assert.equal(await recovery.again('login_required', false), false);
  void recovery.again('login_required', true);
  await new Promise(setImmediate);
  assert.deepEqual(did, ['failed: login_required', 'left']);
});

test('a message that is sent while the page leaves is kept at once, since the page may be gone in a moment', () => {
  const { storage, recovery } = tab();
  void recovery.again('login_required', true);
  assert.ok(recovery.current());
  const unsent = createUnsent(storage);
  const settings = { gateway: GATEWAY, origin: new URL(GATEWAY).origin };
  const identity = { carries: () => ({}), who: () => 'w', queue: () => ({ queueKey: 'q' }) };
  const requests = createRequests({ settings, events: createEvents(), identity, recovery, unsent });
  for (const body of ['{"text":"hello"}', new URLSearchParams({ text: 'a b' }), undefined])
    void requests.fetch('/messages', { method: 'POST', body });
  void requests.fetch('/messages?after=1');
  assert.deepEqual(
    unsent.all().map(({ url, body, uncertain }) => [url, body, uncertain]),
    [
      ['https://chat.vendor.no/messages', '{"text":"hello"}', false],
      ['https://chat.vendor.no/messages', 'text=a+b', false],
      ['https://chat.vendor.no/messages', undefined, false],
    ],
  );
});
