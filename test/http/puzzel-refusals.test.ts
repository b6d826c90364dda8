import assert from 'node:assert/strict';
import { startProvider } from '../support/provider.ts';
import { codeOf } from '../support/problem-code.ts';
import { customerWith, inEveryFace, kari } from '../support/system.ts';
import { CUSTOMER, NO_COOKIES, PAGE, PuzzelPage, startPuzzel } from './puzzel-page.ts';

const OTHER = 'https://other.example';

/** Its code, its path, and the body that was sent. */
type Refusal = readonly [string, string, string | undefined];

inEveryFace('a page can read a refusal that comes before the queue is known', async (t, face) => {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const customers = [
    customerWith(provider, CUSTOMER, PAGE, 'q_bank'),
    customerWith(provider, '777', OTHER, 'q_other'),
  ];
  const { url, upstream, browser } = await startPuzzel(t, { face, provider, options: { customers } });
  const chat = await new PuzzelPage(url, browser(), NO_COOKIES).chat(provider.issuer);
  const withoutTail = chat.slice(0, chat.indexOf('.'));
  const arrived = upstream.requests.length;
  const named = `"customerKey":"${CUSTOMER}"`;
  const refusals: Refusal[] = [
    ['queue_refused', `/sessions/${withoutTail}/messages/0`, undefined],
    ['request_malformed', `/sessions/${withoutTail}/survey`, '{'],
    ['request_malformed', '/sessions', `{${named},"queueKey":["q_bank"]}`],
    ['queue_ambiguous', '/sessions', `{${named},"queueKey":"q_other"}`],
    ['method_not_allowed', `/auth/state/${CUSTOMER}`, undefined],
  ];
  const unplaced: Refusal[] = [
    ['request_malformed', '/sessions', '{'],
    ['body_too_large', '/sessions', `{${named},"queueKey":"q_bank","a":"${'x'.repeat(65_536)}"}`],
  ];
  const readers = async ([code, path, json]: Refusal) => {
    const allowed = [];
    for (const origin of [PAGE, OTHER, 'https://evil.example', 'null']) {
      const page = new PuzzelPage(url, browser(), { ...NO_COOKIES, origin });
      const visit = await page.ask(path, { json });
      assert.equal(codeOf(visit), code, path);
      const shared = visit.headers.get('access-control-allow-origin');
      if (shared !== null) allowed.push(shared);
    }
    return allowed;
  };
  for (const refusal of refusals) assert.deepEqual(await readers(refusal), [PAGE], refusal.join(' '));
  for (const refusal of unplaced) assert.deepEqual(await readers(refusal), [PAGE, OTHER], refusal[0]);
  assert.equal(upstream.requests.length, arrived);
});
