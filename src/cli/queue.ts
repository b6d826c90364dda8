import type { AdministrationView } from '../admin/administration.ts';
import type { Live } from '../admin/live.ts';
import type { ShownQueue, ShownSetBy } from '../admin/view.ts';
import type { Edit } from '../config/edits.ts';
import { sameCustomer, sameQueue } from '../config/overlay.ts';
import { isSet, textOf, type Call, type Command, type Option, type Outcome } from './command.ts';
import { connectionOf, customerOfQueue, customersOf } from './places.ts';
import { table } from './terminal.ts';
import { ACTOR_OPTION, actorOf, withLive } from './with-live.ts';

const CUSTOMER: Option = {
  value: 'KEY',
  about: 'customerKey; needed where it is not plain which one is meant',
};

const CHANGE_OPTIONS = {
  customer: CUSTOMER,
  force: { about: 'also while chats run in the queue: they are broken off first' },
  actor: ACTOR_OPTION,
} as const;

const QUEUE = { name: 'QUEUE', about: 'queueKey' } as const;

/** `queue list`: what every process goes by. */
export const queueList: Command = {
  name: 'queue list',
  summary: 'Lists the queues: secure or open, by which connection, and who has said so.',
  options: { customer: { value: 'KEY', about: 'this customer only' } },
  run: (call) =>
    withLive(call, async ({ administration }) => {
      const { revision, customers } = await administration.read();
      const shown = customersOf(customers, textOf(call, 'customer'));
      const queues = shown.flatMap(({ customerKey, queues: own }) =>
        own.map((queue) => ({ customerKey, ...queue })),
      );
      const rows = queues.map((queue) => [
        queue.customerKey,
        queue.queueKey,
        queue.state,
        typeof queue.authConnectionName === 'string' ? queue.authConnectionName : '-',
        saidBy(queue),
      ]);
      const text = table(['CUSTOMER', 'QUEUE', 'STATE', 'CONNECTION', 'SAID BY'], rows);
      return { ok: true, data: { revision, queues }, text };
    }),
};

/** `queue secure`. */
export const queueSecure: Command = {
  name: 'queue secure',
  summary:
    'Makes a queue secure, in every process within a second: only who is verified by the connection enters.',
  argument: QUEUE,
  options: {
    connection: { value: 'NAME', about: 'authConnectionName', required: true },
    acr: { value: 'LIST', about: 'take these acr values only, a comma list (requiredAcrValues)' },
    ...CHANGE_OPTIONS,
  },
  run: (call) =>
    changeQueue(call, (place, customer) => {
      const { authConnectionName } = connectionOf(customer, textOf(call, 'connection'));
      const acr = textOf(call, 'acr');
      const requiredAcrValues = acr === undefined ? {} : { requiredAcrValues: acr };
      return { kind: 'queue.secure', ...place, authConnectionName, ...requiredAcrValues };
    }),
};

/** `queue open`. */
export const queueOpen: Command = {
  name: 'queue open',
  summary: 'Opens a queue to everybody, in every process within a second.',
  argument: QUEUE,
  options: CHANGE_OPTIONS,
  run: (call) => changeQueue(call, (place) => ({ kind: 'queue.open', ...place })),
};

/** `queue reset`. */
export const queueReset: Command = {
  name: 'queue reset',
  summary: 'Gives a queue back what file and environment say of it.',
  about: ['A queue that would become open by it has to be opened: queue open.'],
  argument: QUEUE,
  options: CHANGE_OPTIONS,
  run: (call) => changeQueue(call, (place) => ({ kind: 'reset.queue', ...place })),
};

type Place = { readonly customerKey: string; readonly queueKey: string };

function changeQueue(
  call: Call,
  editOf: (place: Place, customer: AdministrationView['customers'][number]) => Edit,
): Promise<Outcome> {
  return withLive(call, async ({ administration }) => {
    const actor = actorOf(call);
    const { revision, customers } = await administration.read();
    const queueKey = call.argument ?? '';
    const customer = customerOfQueue(customers, textOf(call, 'customer'), queueKey);
    const { customerKey } = customer;
    const edit = editOf({ customerKey, queueKey }, customer);
    await administration.change([edit], { revision, actor, force: isSet(call, 'force') });
    return outcomeOf(administration, { customerKey, queueKey });
  });
}

async function outcomeOf(
  administration: Live['administration'],
  { customerKey, queueKey }: Place,
): Promise<Outcome> {
  const { revision, customers } = await administration.read();
  const queues = customers.find((one) => sameCustomer(one.customerKey, customerKey))?.queues ?? [];
  const queue = queues.find((one) => sameQueue(one.queueKey, queueKey));
  const data = { revision, queue: { customerKey, queueKey, ...queue } };
  return { ok: true, data, text: `${queueKey} of customer ${customerKey} is ${stateOf(queue)}.` };
}

function stateOf(queue: ShownQueue | undefined): string {
  if (queue === undefined) return 'not listed';
  const { state, authConnectionName } = queue;
  return state === 'secure' ? `secure by ${String(authConnectionName)}` : state;
}

/** `file`, or who has set it and when. */
function saidBy({ origin, by, at }: ShownSetBy): string {
  if (origin === 'file') return 'file';
  return at === undefined ? (by ?? origin) : `${by ?? origin}, ${new Date(at).toISOString().slice(0, 19)}Z`;
}
