import type { ShownCustomer } from '../../admin/view.ts';
import { connectionRows, originChip, queueRows, standingChip } from '../shown.ts';
import { hrefOf, type Page, type Visit } from '../visit.ts';

/** Customers with their connections and queues, and what they come from. */
export const overview: Page = async (visit) => {
  const { revision, standing, customers } = await visit.administration.read();
  const shown = await Promise.all(customers.map((customer, index) => customerPanel(visit, customer, index)));
  const queues = shown.flatMap((customer) => customer.queues);
  return {
    view: 'overview',
    title: 'Overview',
    model: {
      canChange: visit.canChange,
      revision,
      standing: standingChip(standing),
      numbers: [
        { label: 'Customers', value: customers.length },
        { label: 'Connections', value: shown.flatMap(({ connections }) => connections).length },
        { label: 'Secure queues', value: queues.filter(({ state }) => state.label === 'secure').length },
        { label: 'Verified visitors', value: await visit.countVerified() },
        { label: 'Queues in which chats run', value: queues.filter(({ running }) => running).length },
      ],
      customers: shown,
      resetHref: revision === 0 ? undefined : hrefOf(visit.base, '/confirm', { act: 'reset' }),
    },
  };
};

async function customerPanel(visit: Visit, customer: ShownCustomer, index: number) {
  const { customerKey, origin } = customer;
  const [connections, queues] = await Promise.all([
    connectionRows(visit, customer),
    queueRows(visit, customer),
  ]);
  return {
    id: `customer-${index}`,
    customerKey,
    href: hrefOf(visit.base, '/customer', { customerKey }),
    origin: originChip(origin),
    connections,
    queues,
    unlisted: unlistedText(visit),
  };
}

/** What becomes of queues that are in no list. */
export function unlistedText({ runtime: { config } }: Visit): string {
  return config.unknownQueues === 'open'
    ? 'No queue is listed: every queue of this customer is open.'
    : 'No queue is listed: every request for a queue of this customer is refused.';
}
