import { z } from 'zod';
import { AUDIT_KINDS, AUDIT_PARTS } from '../../audit/entry.ts';
import { ADMIN_ROLES } from '../../config/admin-options.ts';
import type { Shape } from './operation.ts';

const origin = z
  .enum(['file', 'administrator'])
  .describe('Where it comes from; `file` stands for file and environment.');
const setBy = {
  by: z.string().optional().describe('Who has set it, where an administrator has.'),
  at: z.number().optional().describe('When, in milliseconds since 1970.'),
};
const revision = z.int().describe('For If-Match. 0 before the first change.');

const setting = z
  .union([
    z.strictObject({
      key: z.string(),
      secret: z.literal(true).describe('Write-only: its value is in no answer.'),
      isSet: z.boolean(),
      isSetInFile: z.boolean(),
      origin,
      ...setBy,
    }),
    z.strictObject({
      key: z.string(),
      isSet: z.boolean(),
      value: z.unknown().optional(),
      fileValue: z.unknown().optional().describe('What a reset gives back.'),
      origin,
      ...setBy,
    }),
  ])
  .describe('A setting of a connection, in the words of the configuration.');

const connection = z.strictObject({
  authConnectionName: z.string(),
  origin,
  removed: z.strictObject({ by: z.string(), at: z.number() }).optional(),
  settings: z.array(setting),
});

const queue = z.strictObject({
  queueKey: z.string(),
  state: z.enum(['secure', 'open', 'removed']),
  inFile: z.enum(['secure', 'open', 'unlisted']).describe('What a reset goes back to.'),
  authConnectionName: z.unknown().optional(),
  requiredAcrValues: z.unknown().optional(),
  origin,
  ...setBy,
});

const customer = z.strictObject({
  customerKey: z.string(),
  origin,
  returnOrigins: z.strictObject({
    origin,
    value: z.unknown().optional(),
    fileValue: z.unknown().optional(),
    ...setBy,
  }),
  connections: z.array(connection),
  queues: z.array(queue),
});

const auditEntry = z.strictObject({
  id: z.string(),
  part: z.enum(['visitors', 'administration']),
  kind: z.enum([...new Set(AUDIT_PARTS.flatMap((part) => [...AUDIT_KINDS[part]]))]),
  at: z.string(),
  writer: z.string(),
  number: z.int(),
  requestId: z.string().optional(),
  customer: z.string().optional(),
  queue: z.string().optional(),
  connection: z.string().optional(),
  subject: z.string().optional(),
  chat: z.string().optional(),
  actor: z.string().optional(),
  change: z.string().optional(),
  code: z.string().optional(),
  authError: z.string().optional(),
  since: z.string().optional(),
  paths: z.array(z.string()).optional(),
  count: z.int().optional(),
});

const finding = z.strictObject({
  what: z.enum(['missing', 'altered', 'out of order']),
  number: z.int(),
  id: z.string().optional(),
});

const row = z.strictObject({
  header: z.string(),
  value: z.string().optional().describe('As it is sent; absent when it is not, and for the assertion.'),
  claim: z.string().optional(),
  mapType: z.enum(['Variable', 'ChatId', 'NickName']).optional(),
  description: z.string().optional(),
  why: z
    .array(
      z.enum(['masked', 'holds_masked', 'pseudonym', 'cut', 'encoded', 'absent', 'other_first', 'left_out']),
    )
    .describe('Why the value is as it is; nothing for one that goes as it came.'),
});

/** Every answer of the API, by its name in the description. */
export const SHAPES = {
  me: {
    name: 'Me',
    schema: z.strictObject({ name: z.string(), role: z.enum(ADMIN_ROLES), how: z.enum(['token', 'oidc']) }),
  },
  settings: {
    name: 'Settings',
    schema: z.strictObject({
      revision,
      standing: z.enum(['current', 'behind', 'unknown']),
      customers: z.array(customer),
    }),
  },
  customer: { name: 'Customer', schema: customer },
  connection: { name: 'Connection', schema: connection },
  queue: { name: 'Queue', schema: queue },
  changed: { name: 'Changed', schema: z.strictObject({ revision }) },
  probe: {
    name: 'Probe',
    schema: z.strictObject({
      outcome: z.enum(['accepted', 'refused', 'unreachable', 'unclear']),
      step: z.enum(['discovery', 'token']),
    }),
  },
  explanation: {
    name: 'Explanation',
    schema: z.strictObject({
      accepted: z.boolean().describe('False without a `sub`: such a login gives no identity.'),
      rows: z.array(row),
      unmapped: z.array(z.string()).describe('Claims that nothing is mapped from.'),
    }),
  },
  auditPage: {
    name: 'AuditPage',
    schema: z.strictObject({
      entries: z.array(auditEntry),
      next: z.string().optional().describe('For `after`; absent when there is no more.'),
    }),
  },
  auditVerdict: {
    name: 'AuditVerdict',
    schema: z.strictObject({
      ok: z.boolean(),
      parts: z.array(
        z.strictObject({
          part: z.enum(['visitors', 'administration']),
          entries: z.int(),
          unreadable: z.int(),
          finding: finding.optional(),
          noted: z.array(z.string()),
        }),
      ),
    }),
  },
  sessions: {
    name: 'Sessions',
    schema: z.strictObject({
      verified: z.int().describe('Identities that are kept now: one for each browser and connection.'),
    }),
  },
  revoked: { name: 'Revoked', schema: z.strictObject({ sessions: z.int(), chats: z.int() }) },
  problem: {
    name: 'Problem',
    schema: z.strictObject({
      type: z.string(),
      title: z.string(),
      status: z.int(),
      detail: z.string(),
      code: z.string(),
      requestId: z.string(),
      loginUrl: z.string().optional(),
      problems: z
        .array(z.strictObject({ path: z.string(), expected: z.string(), hint: z.string().optional() }))
        .optional()
        .describe('What is wrong, in the words of the configuration check; never a value.'),
    }),
  },
} as const satisfies Record<string, Shape>;
