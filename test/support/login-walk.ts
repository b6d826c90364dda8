import assert from 'node:assert/strict';
import type { Browser, Visit } from './browser.ts';

/** A login that lands on a page of the upstream's in no queue. */
export const LOGIN = '/secure-chat/login?queueKey=q_bank&returnTo=/portal';

/** The three answers of one login. */
export interface LoginWalk {
  /** `/login`, or whatever else started it: a 302 to the provider. */
  readonly begun: Visit;
  /** The provider's own answer: a 302 to the callback. */
  readonly answered: Visit;
  /** `/callback`: where the visitor lands. */
  readonly landed: Visit;
}

/**
 * One login, step by step, behind a router that takes TLS off: whatever the gateway says of its `publicUrl` is asked at
 * its real address.
 *
 * @param url real address of the gateway, without a trailing slash
 * @param path what starts the login, from the root: `/secure-chat/login?queueKey=q_bank`
 * @param publicUrl what the gateway takes itself for, default `url`
 */
export async function walkLogin(
  visitor: Browser,
  url: string,
  path: string,
  publicUrl: string = url,
): Promise<LoginWalk> {
  const begun = await visitor.navigate(url + path);
  assert.equal(begun.status, 302, `${path} starts a login`);
  const answered = await visitor.navigate(begun.headers.get('location')!);
  const callback = answered.headers.get('location')!;
  assert.ok(callback.startsWith(`${publicUrl}/`), 'the provider answers to publicUrl');
  return { begun, answered, landed: await visitor.navigate(url + callback.slice(publicUrl.length)) };
}
