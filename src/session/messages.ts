import { performance } from 'node:perf_hooks';
import { describeBug, type Logger } from '../observe/logger.ts';
import type { Sealer } from './seal.ts';

/**
 * Short messages between all processes on one store. They are sealed: whoever has the store alone can neither read nor
 * make one. Nothing keeps them: a process that is deaf misses them, says so, and has to look at the store itself. One
 * that was recorded can be sent again, so a message may only say what stays true for good, or where to look.
 */
export interface StoreMessages {
  /**
   * To every process that hears, this one included, in the order in which one process sends.
   *
   * @throws GatewayError `session_store_unavailable` when it has not gone out for sure.
   */
  send(topic: string, text: string): Promise<void>;
  /** Calls the listener with every message on this topic. The answer ends that. Topics are lower-case words with hyphens. */
  on(topic: string, listener: (text: string) => void): () => void;
  /** The connection is lost: from now on messages are missed. The answer ends the listening. */
  onDeaf(listener: () => void): () => void;
  /** Messages come again, and at the start for the first time: what was sent before has been missed. */
  onHearing(listener: () => void): () => void;
  /**
   * `performance.now()` of a moment of which it is certain that what was sent before it, and after the last `onHearing`,
   * has been heard; `-Infinity` while deaf. Behind the present by 0.3 s in good days: a cache that must not be older than a
   * second asks this, since a connection that hangs is noticed later than one that breaks.
   */
  heardUntil(): number;
  close(): Promise<void>;
}

/** What carries messages: lines of text to every process, with nothing kept and nothing promised. */
export interface MessageWire {
  publish(line: string): Promise<void>;
  /** Called once, before anything is published. */
  listen(listener: WireListener): void;
  heardUntil(): number;
  close(): Promise<void>;
}

/** Who is told what comes over a wire. */
export interface WireListener {
  line(line: string): void;
  deaf(): void;
  hearing(): void;
}

const TOPIC = /^[a-z]+(?:-[a-z]+)*$/;

/** Sealed messages over a wire: topic in clear, a blank, the text sealed under that topic. */
export function createStoreMessages(wire: MessageWire, sealer: Sealer, logger: Logger): StoreMessages {
  const topics = new Map<string, Set<(text: string) => void>>();
  const deaf = new Set<() => void>();
  const hearing = new Set<() => void>();
  const tell = <T extends unknown[]>(listeners: Iterable<(...given: T) => void>, ...given: T): void => {
    for (const listener of listeners) {
      try {
        listener(...given);
      } catch (error) {
        logger.error({ bug: describeBug(error) }, 'a message between processes was not understood');
      }
    }
  };
  wire.listen({
    line(line) {
      const [topic = '', sealed = ''] = line.split(' ', 2);
      const text = TOPIC.test(topic) ? sealer.open(sealed, context(topic)) : undefined;
      if (text !== undefined) tell(topics.get(topic) ?? [], text);
    },
    deaf: () => {
      tell(deaf);
    },
    hearing: () => {
      tell(hearing);
    },
  });
  return {
    send: (topic, text) => wire.publish(`${checked(topic)} ${sealer.seal(text, context(topic))}`),
    on(topic, listener) {
      const listeners = topics.get(checked(topic)) ?? new Set();
      topics.set(topic, listeners);
      return listen(listeners, listener);
    },
    onDeaf: (listener) => listen(deaf, listener),
    onHearing: (listener) => listen(hearing, listener),
    heardUntil: () => wire.heardUntil(),
    close: () => wire.close(),
  };
}

function listen<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

function context(topic: string): string {
  return `message ${topic}`;
}

function checked(topic: string): string {
  if (!TOPIC.test(topic)) throw new TypeError('a topic is lower-case words with hyphens');
  return topic;
}

/** Within this process, which is all there is with a store in memory. Never deaf. */
export function createMemoryWire(): MessageWire {
  let listener: WireListener | undefined;
  return {
    async publish(line) {
      // never before the sender goes on, as over a network
      await Promise.resolve();
      listener?.line(line);
    },
    listen(given) {
      listener = given;
      queueMicrotask(() => {
        given.hearing();
      });
    },
    heardUntil: () => performance.now(),
    close() {
      listener = undefined;
      return Promise.resolve();
    },
  };
}
