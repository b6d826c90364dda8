/** The judge of addresses: which spellings of the secure path some server takes for it, and which nobody does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesPath } from '../../attack/lenient-paths.ts';

const SECURE = '/queues/q_bank/messages';

test('what IIS, Tomcat, nginx or PHP would take for the secure path names it', () => {
  for (const target of [
    SECURE,
    `${SECURE}/more?x=1`,
    '/queues/q%5Fbank/messages',
    '/queues/q%255Fbank/messages',
    '//queues//q_bank/messages',
    '/x/../queues/q_bank/messages',
    '/x/%2e%2e/queues/q_bank/./messages',
    '/queues\\q_bank\\messages',
    '/queues%2fq_bank%5cmessages',
    '/queues;a=b/q_bank;c/messages',
    '/QUEUES/Q_Bank/messages.',
    '/queues/q_bank%20/messages',
    '/queues/q_bank/messages%00.css',
    '/queues/q_bank/messages#x',
    '/queues/q_bank/messages%3Fx',
    'http://other/queues/q_bank/messages',
    '/queues/q_open/..;/q_bank/messages',
  ]) {
    assert.ok(namesPath(target, SECURE), target);
  }
});

test('what only resembles it does not', () => {
  for (const target of [
    '/queues/q_open',
    '/queues/q_bank',
    '/queues/q_banks/messages',
    '/queues/q_bank/messagesx',
    '/my/queues/q_bank/messages',
    '/queues/q_open?x=/queues/q_bank/messages',
    '/queues/q_bank/../messages',
    '/queues/q-bank/messages',
    '/',
    '*',
  ]) {
    assert.ok(!namesPath(target, SECURE), target);
  }
});
