import { z } from 'zod';
import { AUDIT_KINDS, AUDIT_PARTS, type AuditKind } from '../../audit/entry.ts';
import type { Audit } from '../../audit/audit.ts';
import { GatewayError } from '../../errors.ts';
import type { StateStore } from '../../session/state-store.ts';
import { createSingleFlight } from '../../session/once.ts';
import { operation, type Operation } from './operation.ts';
import { SHAPES } from './shapes.ts';

const KINDS: readonly string[] = AUDIT_PARTS.flatMap((part) => AUDIT_KINDS[part]);

// what goes through the whole store is not done twice at the same time
const verifications = createSingleFlight<Awaited<ReturnType<Audit['verifyAudit']>>>();
const tallies = createSingleFlight<number>();
const flightNames = new WeakMap<object, string>();

/** One name for each gateway of this process. */
function nameOf(thing: Audit | StateStore): string {
  const name = flightNames.get(thing) ?? crypto.randomUUID();
  flightNames.set(thing, name);
  return name;
}

/** The audit record. */
const auditOperations: readonly Operation[] = [
  operation({
    id: 'readAudit',
    method: 'get',
    path: '/audit',
    summary: 'A page of the audit record, newest first',
    query: z.strictObject({
      after: z
        .string()
        .regex(/^(\d{1,15}-\d{1,15})?_(\d{1,15}-\d{1,15})?$/)
        .optional()
        .describe('`next` of the page before.'),
      kinds: z.string().optional().describe('Comma list of kinds. Default: every kind.'),
      customer: z.string().optional().describe('Entries of this customer only.'),
      limit: z.coerce
        .number<string>()
        .int()
        .min(1)
        .max(500)
        .optional()
        .describe('Entries at most. Default: 50.'),
    }),
    answer: SHAPES.auditPage,
    async run({ runtime, query }) {
      const { kinds, ...rest } = query;
      const asked = kinds?.split(',').map((kind) => kind.trim());
      if (asked?.some((kind) => !KINDS.includes(kind)) === true)
        throw new GatewayError(
          'request_malformed',
          'The query names a kind that the audit record does not have.',
        );
      return {
        document: await runtime.audit.readAudit({ ...rest, kinds: asked as AuditKind[] | undefined }),
      };
    },
  }),
  operation({
    id: 'verifyAudit',
    method: 'get',
    path: '/audit/verification',
    summary: 'Is the audit record whole? Names the first entry that is not',
    answer: SHAPES.auditVerdict,
    run: async ({ runtime: { audit } }) => ({
      document: await verifications.run(nameOf(audit), () => audit.verifyAudit()),
    }),
  }),
];

const pseudonym = z.string().regex(/^[\w-]{24}$/);

/** Sessions of visitors. */
const sessionOperations: readonly Operation[] = [
  operation({
    id: 'countSessions',
    method: 'get',
    path: '/sessions',
    summary: 'How many visitors are verified now',
    answer: SHAPES.sessions,
    run: async ({ runtime: { stores } }) => ({
      document: {
        verified: await tallies.run(nameOf(stores.state), () => stores.state.tally('identity')),
      },
    }),
  }),
  operation({
    id: 'revokeSessions',
    method: 'post',
    path: '/sessions/revocations',
    summary:
      'Ends all sessions and chats of one person, named by the pseudonym or by the `sub` at a customer',
    body: z.union([
      z.strictObject({ subject: pseudonym.describe('As log and audit record show it.') }),
      z.strictObject({
        customerKey: z.string(),
        authConnectionName: z.string().optional(),
        sub: z.string().min(1).max(1000),
      }),
    ]),
    answer: SHAPES.revoked,
    async run({ runtime, administrator, requestId, body }) {
      const by = { actor: administrator.name, requestId };
      if ('subject' in body) return { document: await runtime.erasure.revokeSubject(body, by) };
      const { customerKey, authConnectionName: connectionName, sub } = body;
      const isKnown = runtime.config.customers.some(
        (one) =>
          one.customerKey === customerKey &&
          one.connections.some(({ name }) => connectionName === undefined || name === connectionName),
      );
      if (!isKnown) throw new GatewayError('not_found', 'There is no such customer or connection.');
      return { document: await runtime.erasure.revokeSubject({ customerKey, connectionName, sub }, by) };
    },
  }),
];

/** What has happened, and who is here. */
export const recordOperations: readonly Operation[] = [
  operation({
    id: 'readMe',
    method: 'get',
    path: '/me',
    summary: 'Who asks, and with which role',
    answer: SHAPES.me,
    run({ administrator: { name, role, how } }) {
      return Promise.resolve({ document: { name, role, how } });
    },
  }),
  ...auditOperations,
  ...sessionOperations,
];
