/** How a process says why it does not go by what administrators have set. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFollower } from '../../src/admin/follower.ts';
import { createOverlayDocument } from '../../src/session/overlay-document.ts';
import { createSealer } from '../../src/session/seal.ts';
import { createMemoryState } from '../../src/session/memory.ts';
import { recordingLogger } from '../session/loggers.ts';
import { KEYS, open, startDesk } from './rig.ts';

test('a failure that is no problem of the configuration is not called one', async () => {
  const state = createMemoryState();
  const desk = startDesk(state);
  await desk.change({ kind: 'queue.secure', ...open, authConnectionName: 'Signicat' });
  const { logger, lines } = recordingLogger();
  const follower = createFollower({
    base: desk.base,
    document: createOverlayDocument({ state, sealer: createSealer(KEYS.slice(0, 1)) }),
    apply() {
      throw new RangeError('out of something');
    },
    logger,
  });
  await follower.look();
  assert.match(lines.join('\n'), /cannot be put into force/);
  assert.match(lines.join('\n'), /RangeError/);
  assert.doesNotMatch(lines.join('\n'), /do not fit the configuration/);
  assert.equal(follower.standing, 'unknown', 'what was not applied is not in force');
  assert.equal(follower.inForce.config, desk.base);
});
