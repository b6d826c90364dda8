import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { createFates } from '../../src/middleware/session-fates.ts';

const kari = { connectionId: 'c', subject: 'kari', expiresAt: Infinity, verifiedAt: 0 };

test('a session is followed over several logins, to its end', () => {
  const fates = createFates();
  fates.moved('a', 'b');
  fates.moved('b', 'c');
  assert.deepEqual([fates.present('a'), fates.present('x')], ['c', 'x']);
  fates.ended('c');
  assert.equal(fates.present('a'), undefined);
});

test('what is old is forgotten, also behind one that keeps happening', (t) => {
  mock.timers.enable({ apis: ['Date'], now: 0 });
  t.after(() => {
    mock.timers.reset();
  });
  const fates = createFates();
  fates.verified('busy', 'c', 'kari');
  fates.verified('quiet', 'c', 'ola');
  mock.timers.setTime(50_000);
  fates.verified('busy', 'c', 'ola');
  fates.sweep(70_000);
  assert.deepEqual([fates.isReplaced('quiet', kari), fates.isReplaced('busy', kari)], [false, true]);
});
