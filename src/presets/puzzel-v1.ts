import type { ChatRule, QueueRule } from '../config/gateway-config.ts';
import type { Address } from '../queues/canonical-path.ts';
import { compileMatcher, matchesSomehow, type RuleMatcher } from '../queues/rules.ts';

/** Puzzel's Chat API v1: the bodies that start a chat or send a survey name the queue, at any base path. */
export const PUZZEL_V1_RULES: readonly QueueRule[] = [
  bodyRule('{/*base}/sessions'),
  bodyRule('{/*base}/sessions/:id/survey'),
];

/** The answer to a start names the chat by two members, every later address by both in one. */
export const PUZZEL_V1_CHAT_RULES: readonly ChatRule[] = [
  { ...noPlace(), method: 'POST', path: '{/*base}/sessions', chatIdFrom: '{customerKey}-{iqSessionId}' },
  { ...noPlace(), path: '{/*base}/sessions/:chatId{/*rest}', chatIdFrom: undefined },
];

/** What a request of the protocol does, as far as the gateway has to know. */
export type PuzzelCall = 'start' | 'message' | 'survey';

const CALLS: readonly (readonly [PuzzelCall, RuleMatcher])[] = [
  ['start', post('{/*base}/sessions')],
  ['message', post('{/*base}/sessions/:chatId/messages')],
  ['survey', post('{/*base}/sessions/:chatId/survey')],
];
const CHAT = compileMatcher({ method: undefined, path: '{/*base}/sessions{/*rest}' });

/** What this request does, also to a server that is less exact about addresses; undefined for any other. */
export function puzzelCall(method: string, address: Address): PuzzelCall | undefined {
  return CALLS.find(([, rule]) => rule.appliesTo(method) && matchesSomehow(rule, address.decodedPath))?.[0];
}

/** The same, for the address exactly as it stands. */
export function exactPuzzelCall(method: string, { decodedPath }: Address): PuzzelCall | undefined {
  return CALLS.find(([, rule]) => rule.appliesTo(method) && rule.matchPath(decodedPath) !== undefined)?.[0];
}

/** Is this an address of chats? */
export function isPuzzelChat({ decodedPath }: Address): boolean {
  return CHAT.matchPath(decodedPath) !== undefined;
}

function bodyRule(path: string): QueueRule {
  return { method: 'POST', path, query: undefined, header: undefined, body: 'queueKey', queueKey: undefined };
}

function post(path: string): RuleMatcher {
  return compileMatcher({ method: 'POST', path });
}

function noPlace() {
  return { method: undefined, query: undefined, header: undefined, body: undefined };
}
