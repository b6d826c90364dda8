import { textOf, type ReadSettings } from './settings.ts';
import type { TabStorage } from './storage.ts';
import type { LoginOptions, Queue } from './types.ts';

/** What a tab knows of its visitor in one queue. */
export interface Held {
  readonly token?: string | undefined;
  /** Milliseconds since 1970, as far as is known. */
  readonly from: number;
  readonly until: number;
  /** A digest of the chat id: enough to see that it is another person. */
  readonly who?: string | undefined;
  /** Its end has been told. */
  readonly expired?: boolean;
}

/** The queue of a tab, and what is held for it. */
export interface Holding {
  readonly queue: () => Queue;
  /** Another queue, where one is named. */
  readonly use: (options: LoginOptions) => void;
  /** Which queue it is, to see whether it is still the same. */
  name(): `identity ${string}`;
  readonly read: () => Held | undefined;
  write(held: Held | undefined): void;
}

/** The holding of one tab, for one queue at a time. */
export function createHolding(
  { queueKey, customerKey }: Pick<ReadSettings, 'queueKey' | 'customerKey'>,
  storage: TabStorage,
): Holding {
  let queue = queueKey ? { queueKey, customerKey } : storage.read('queue');
  const name = () => `identity ${JSON.stringify(queue)}` as const;
  const theQueue = () => {
    if (!queue) throw new TypeError('SecureChat: no queueKey');
    return queue;
  };
  return {
    queue: theQueue,
    use(options) {
      if (options.queueKey)
        queue = {
          queueKey: options.queueKey,
          customerKey: textOf(options.customerKey) ?? queue?.customerKey,
        };
      storage.write('queue', theQueue());
    },
    name,
    read: () => storage.read(name()),
    write(held) {
      storage.write(name(), held);
    },
  };
}
