import type { AuditEvent } from '../../src/audit/audit.ts';
import { createAdministration, type Administration } from '../../src/admin/administration.ts';
import { ConflictError } from '../../src/admin/conflict.ts';
import { createFollower, type Follower } from '../../src/admin/follower.ts';
import { resolveConfig } from '../../src/config/config.ts';
import type { Edit } from '../../src/config/edits.ts';
import type { GatewayConfig } from '../../src/config/gateway-config.ts';
import type { GatewayOptions } from '../../src/config/options.ts';
import { createOverlayDocument } from '../../src/session/overlay-document.ts';
import { createSealer } from '../../src/session/seal.ts';
import type { StateStore } from '../../src/session/state-store.ts';
import { recordingLogger } from '../session/loggers.ts';

export const ACTOR = 'anna@bank.example';
export const KEYS = [1, 2, 3].map((n) => Buffer.alloc(32, n));

/** Two connections, a secure and an open queue. */
export const OPTIONS: GatewayOptions = {
  publicUrl: 'http://127.0.0.1:3000',
  upstream: 'http://127.0.0.1:9',
  sessionSecret: 'a secret for tests that is long enough',
  customers: [
    {
      customerKey: '12345',
      returnOrigins: ['https://www.bank.example'],
      connections: [
        { authConnectionName: 'Signicat', authClientId: 'portal', authEndpoint: 'https://one.example' },
        { authConnectionName: 'Other', authClientId: 'portal', authEndpoint: 'https://two.example' },
      ],
      queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }, { queueKey: 'q_open' }],
    },
  ],
};

/** The administration of one process without its gateway. */
export interface Desk {
  readonly administration: Administration;
  readonly follower: Follower;
  readonly base: GatewayConfig;
  readonly log: string[];
  readonly audited: AuditEvent[];
  /** Changes on top of what is there now. */
  readonly change: (...edits: Edit[]) => Promise<void>;
}

/** A process on this store. `running`: where chats run. */
export function startDesk(
  state: StateStore,
  {
    options = OPTIONS,
    keys = KEYS.slice(0, 1),
    running = () => [],
  }: {
    readonly options?: GatewayOptions;
    readonly keys?: readonly Buffer[];
    readonly running?: () => readonly string[];
  } = {},
): Desk {
  const { logger, lines } = recordingLogger();
  const audited: AuditEvent[] = [];
  const base = resolveConfig(options, { production: false, face: 'gateway' });
  const document = createOverlayDocument({ state, sealer: createSealer(keys) });
  const follower = createFollower({ base, document, apply: () => undefined, logger });
  const administration = createAdministration({
    base,
    document,
    follower,
    queueUse: { running: (places) => Promise.resolve(places.filter((place) => running().includes(place))) },
    audit: { record: (event) => void audited.push(event) },
    messages: { send: () => Promise.resolve() },
    logger,
  });
  const change = async (...edits: Edit[]) => {
    const { revision } = await administration.read();
    await administration.change(edits, { revision, actor: ACTOR });
  };
  return { administration, follower, base, log: lines, audited, change };
}

/** As people do it: whoever was overtaken reads again and decides anew. */
export async function insist(administration: Administration, ...edits: Edit[]): Promise<number> {
  for (;;) {
    const { revision } = await administration.read();
    try {
      return (await administration.change(edits, { revision, actor: ACTOR })).revision;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}

export const bank = { customerKey: '12345', queueKey: 'q_bank' };
export const open = { customerKey: '12345', queueKey: 'q_open' };
export const signicat = { customerKey: '12345', authConnectionName: 'Signicat' };
export const other = { customerKey: '12345', authConnectionName: 'Other' };

/** Queues of a configuration: key -> name of the connection, or `open`. */
export function queuesOf({ customers }: GatewayConfig): Record<string, string> {
  return Object.fromEntries(
    customers.flatMap(({ queues }) =>
      queues.map(({ queueKey, connection }) => [queueKey, connection?.name ?? 'open']),
    ),
  );
}
