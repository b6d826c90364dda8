import { z } from 'zod';
import { sameQueue } from '../../config/overlay.ts';
import { GatewayError } from '../../errors.ts';
import { operation, type Call, type Operation } from './operation.ts';
import { change, customerOf, forceQuery } from './settings-operations.ts';
import { SHAPES } from './shapes.ts';

const PATH = '/customers/{customerKey}/queues/{queueKey}';

function placeOf({ params }: Call) {
  const { customerKey = '', queueKey = '' } = params;
  return { customerKey, queueKey };
}

const queueBody = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('secure'),
    authConnectionName: z.string(),
    requiredAcrValues: z.union([z.string(), z.array(z.string())]).optional(),
  }),
  z.strictObject({ state: z.literal('open') }),
]);

/** Which queues are secure, and by which connection. */
export const queueOperations: readonly Operation[] = [
  operation({
    id: 'readQueue',
    method: 'get',
    path: PATH,
    summary: 'One queue',
    answer: SHAPES.queue,
    async run(call) {
      const { customer, revision } = await customerOf(call);
      const queue = customer.queues.find((one) => sameQueue(one.queueKey, placeOf(call).queueKey));
      if (queue === undefined) throw new GatewayError('not_found', 'There is no such queue.');
      return { document: queue, revision };
    },
  }),
  operation({
    id: 'putQueue',
    method: 'put',
    path: PATH,
    summary: 'Makes the queue secure by a connection, or opens it to everybody',
    changesSettings: true,
    query: forceQuery,
    body: queueBody,
    answer: SHAPES.changed,
    run(call) {
      const place = placeOf(call);
      const { body } = call;
      if (body.state === 'open') return change(call, [{ kind: 'queue.open', ...place }]);
      const { authConnectionName, requiredAcrValues } = body;
      const demands = requiredAcrValues === undefined ? {} : { requiredAcrValues };
      return change(call, [{ kind: 'queue.secure', ...place, authConnectionName, ...demands }]);
    },
  }),
  operation({
    id: 'removeQueue',
    method: 'delete',
    path: PATH,
    summary: 'Takes the queue out of the list, also one of the file: `unknownQueues` decides then',
    changesSettings: true,
    query: forceQuery,
    answer: SHAPES.changed,
    run: (call) => change(call, [{ kind: 'queue.remove', ...placeOf(call) }]),
  }),
  operation({
    id: 'resetQueue',
    method: 'post',
    path: `${PATH}/reset`,
    summary: 'Back to what the file says of this queue',
    changesSettings: true,
    query: forceQuery,
    answer: SHAPES.changed,
    run: (call) => change(call, [{ kind: 'reset.queue', ...placeOf(call) }]),
  }),
];
