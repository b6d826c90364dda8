import { startProvider } from '../../test/support/provider.ts';
import type { Facts } from '../facts.ts';
import { follow } from '../jar.ts';
import { browserStep } from '../rig.ts';
import { startChild } from './child.ts';
import { gateway } from './gateway.ts';
import { usualStack } from './usual-stack.ts';

/** How to start one target, and what it is like. */
export interface TargetKind {
  /** Heading of its report, with versions. */
  readonly name: () => string;
  /** Arguments of `node` for its process. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** What its own routes and its verified header are. */
  readonly facts: Partial<Facts>;
}

/** A target with a browser that has logged in. */
export interface RunningTarget {
  readonly name: string;
  readonly facts: Facts;
  /** Says why it ended, where it has ended by itself. */
  lastWords(): Promise<string | undefined>;
  stop(): Promise<void>;
}

const KINDS = { gateway, peer: usualStack } as const;

/** Starts provider and target, each a process's worth of its own, and logs a browser in. */
export async function startTarget(
  which: keyof typeof KINDS,
  base: Facts,
  upstreamPort: number,
): Promise<RunningTarget> {
  const kind = KINDS[which];
  const name = kind.name();
  const provider = await startProvider({
    person: { sub: 'kari-sub', given_name: 'Kari', name: 'Kari Nordmann' },
  });
  const child = await startChild(kind.command, kind.environment, {
    issuer: provider.issuer,
    upstream: `http://127.0.0.1:${upstreamPort}`,
  });
  const origin = `http://127.0.0.1:${child.port}`;
  const secure = new URL(base.securePath, origin);
  const { cookies } = await follow({ step: browserStep }, secure, true);
  return {
    name,
    facts: {
      ...base,
      ...kind.facts,
      hostname: '127.0.0.1',
      port: child.port,
      origin,
      upstreamPort,
      cookie: cookies.get('127.0.0.1'),
    },
    lastWords: () => child.lastWords(),
    async stop() {
      await child.stop();
      await provider.stop();
    },
  };
}
