import { EventEmitter } from 'node:events';
import type { Exchange } from '../../src/middleware/open-exchanges.ts';

/** What runs, without a socket: says whether it was broken off. */
export class FakeExchange extends EventEmitter implements Exchange {
  destroyed = false;
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

/** Of one connection and person, for another hour. */
export const later = { connectionId: 'c', subject: 'kari', expiresAt: Date.now() + 3_600_000 };
