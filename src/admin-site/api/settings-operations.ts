import { z } from 'zod';
import type { Edit } from '../../config/edits.ts';
import { sameCustomer } from '../../config/overlay.ts';
import type { ShownCustomer } from '../../admin/view.ts';
import { GatewayError } from '../../errors.ts';
import { operation, type Answer, type Call, type Operation } from './operation.ts';
import { ApiError } from './problems.ts';
import { SHAPES } from './shapes.ts';

/** Query of everything that changes settings. */
export const forceQuery = z.strictObject({
  force: z
    .enum(['true', 'false'])
    .optional()
    .describe('`true` makes the change also while chats run that it breaks off. Default: `false`.'),
});

const listed = z.union([z.string(), z.array(z.string())]);

/** Makes these edits under the revision of the call, as its administrator. */
export async function change(
  { administration, administrator, requestId, revision, query }: Call<unknown, z.output<typeof forceQuery>>,
  edits: readonly Edit[],
): Promise<Answer> {
  const read = revision ?? (await administration.read()).revision;
  const changed = await administration.change(edits, {
    revision: read,
    actor: administrator.name,
    requestId,
    force: query.force === 'true',
  });
  return { document: changed, revision: changed.revision };
}

/**
 * The customer that the address names, with the revision that it was read at.
 *
 * @throws GatewayError `not_found`.
 */
export async function customerOf({ administration, params }: Call): Promise<{
  readonly customer: ShownCustomer;
  readonly revision: number;
}> {
  const { customers, revision } = await administration.read();
  const customer = customers.find((one) => sameCustomer(one.customerKey, params['customerKey'] ?? ''));
  if (customer === undefined) throw new GatewayError('not_found', 'There is no such customer.');
  return { customer, revision };
}

/** Everything that is set, and changes of any kind. */
export const settingsOperations: readonly Operation[] = [
  operation({
    id: 'readSettings',
    method: 'get',
    path: '/settings',
    summary: 'Customers, connections and queues that are in force, each value with its origin; no secret',
    answer: SHAPES.settings,
    async run({ administration }) {
      const document = await administration.read();
      return { document, revision: document.revision };
    },
  }),
  operation({
    id: 'makeChanges',
    method: 'post',
    path: '/changes',
    summary: 'Makes several edits at once, all of them or none; `edits` as in docs/administration.md',
    changesSettings: true,
    query: forceQuery,
    body: z.strictObject({
      edits: z
        .array(z.looseObject({ kind: z.string() }))
        .min(1)
        .max(100),
    }),
    answer: SHAPES.changed,
    // their form is checked with every other change's
    run: (call) => change(call, call.body.edits as unknown as Edit[]),
  }),
  operation({
    id: 'resetEverything',
    method: 'post',
    path: '/reset',
    summary: 'Back to what the file says, for all customers',
    changesSettings: true,
    query: forceQuery,
    answer: SHAPES.changed,
    run: (call) => change(call, [{ kind: 'reset' }]),
  }),
  operation({
    id: 'readCustomer',
    method: 'get',
    path: '/customers/{customerKey}',
    summary: 'One customer',
    answer: SHAPES.customer,
    async run(call) {
      const { customer, revision } = await customerOf(call);
      return { document: customer, revision };
    },
  }),
  operation({
    id: 'putCustomer',
    method: 'put',
    path: '/customers/{customerKey}',
    summary: 'Adds the customer, or sets where its logins may return to',
    changesSettings: true,
    query: forceQuery,
    body: z.strictObject({ returnOrigins: listed.optional() }),
    answer: SHAPES.changed,
    run: (call) =>
      change(call, [{ kind: 'customer', customerKey: call.params['customerKey'] ?? '', ...call.body }]),
  }),
  operation({
    id: 'removeCustomer',
    method: 'delete',
    path: '/customers/{customerKey}',
    summary: 'Takes away a customer that an administrator has added; one of the file is 409',
    changesSettings: true,
    query: forceQuery,
    answer: SHAPES.changed,
    async run(call) {
      const { customer } = await customerOf(call);
      if (customer.origin === 'file')
        throw new ApiError(
          'still_in_file',
          'The file has this customer. Take it out there, or remove its queues and connections here.',
        );
      return change(call, [{ kind: 'reset.customer', customerKey: customer.customerKey }]);
    },
  }),
  operation({
    id: 'resetCustomer',
    method: 'post',
    path: '/customers/{customerKey}/reset',
    summary: 'Back to what the file says of this customer',
    changesSettings: true,
    query: forceQuery,
    answer: SHAPES.changed,
    run: (call) => change(call, [{ kind: 'reset.customer', customerKey: call.params['customerKey'] ?? '' }]),
  }),
];
