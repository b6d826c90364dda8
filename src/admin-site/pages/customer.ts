import type { AdministrationView } from '../../admin/administration.ts';
import type { ShownCustomer } from '../../admin/view.ts';
import { fieldByName } from '../problem-texts.ts';
import { connectionRows, originChip, queueRows, setByOf, textOf } from '../shown.ts';
import {
  customerOf,
  hrefOf,
  refusedFields,
  tryEdits,
  type Answer,
  type Page,
  type ShownRefusal,
  type Visit,
} from '../visit.ts';
import { overviewLink } from './crumbs.ts';
import { unlistedText } from './overview.ts';

/** One customer: its connections, queues and return addresses. */
export const customer: Page = async (visit) => {
  const read = await visit.administration.read();
  return customerPage(visit, read, customerOf(visit, read));
};

/** Saves the return addresses. */
export const saveCustomer: Page = async (visit) => {
  const { customerKey } = customerOf(visit, await visit.administration.read());
  const edit = { kind: 'customer', customerKey, returnOrigins: typedOrigins(visit) } as const;
  const refusal = await tryEdits(visit, [edit], fieldByName(['returnOrigins']));
  if (refusal !== undefined) {
    const read = await visit.administration.read();
    return customerPage(visit, read, customerOf(visit, read), refusal);
  }
  return {
    goTo: hrefOf(visit.base, '/customer', { customerKey }),
    flash: { tone: 'good', text: 'The return addresses were saved.' },
  };
};

/** The form for a customer that is to be added. */
export const newCustomer: Page = async (visit) => newCustomerPage(visit, await visit.administration.read());

/** Adds a customer. */
export const addCustomer: Page = async (visit) => {
  const customerKey = visit.form.get('customerKey')?.trim() ?? '';
  const read = await visit.administration.read();
  const known = read.customers.some((one) => one.customerKey.trim() === customerKey);
  const refusal =
    known || customerKey === ''
      ? customerKeyRefusal(known)
      : await tryEdits(
          visit,
          [{ kind: 'customer', customerKey, returnOrigins: typedOrigins(visit) }],
          fieldByName(['returnOrigins', 'customerKey']),
        );
  if (refusal !== undefined) return newCustomerPage(visit, await visit.administration.read(), refusal);
  return {
    goTo: hrefOf(visit.base, '/customer', { customerKey }),
    flash: { tone: 'good', text: `Customer ${customerKey} was added. Next comes a connection.` },
  };
};

function customerKeyRefusal(known: boolean): ShownRefusal {
  const text = known ? 'There is a customer with this key already.' : 'Expected the key of the customer.';
  return refusedFields({ customerKey: text });
}

function typedOrigins({ form }: Visit): string[] {
  return (form.get('returnOrigins') ?? '').split(/[\s,]+/).filter((part) => part !== '');
}

async function customerPage(
  visit: Visit,
  { revision }: AdministrationView,
  shown: ShownCustomer,
  refusal?: ShownRefusal,
): Promise<Answer> {
  const { base, canChange, session } = visit;
  const { customerKey, origin } = shown;
  const [connections, queues] = await Promise.all([connectionRows(visit, shown), queueRows(visit, shown)]);
  return {
    view: 'customer',
    title: `Customer ${customerKey}`,
    status: refusal?.status ?? 200,
    crumbs: [overviewLink(base)],
    model: {
      heading: `Customer ${customerKey}`,
      isShown: true,
      origin: originChip(origin),
      canChange,
      csrfToken: session.csrfToken,
      revision,
      refusal: refusal?.refusal,
      connections,
      queues,
      unlisted: unlistedText(visit),
      addConnectionHref: hrefOf(base, '/connection/new', { customerKey }),
      addQueueHref: hrefOf(base, '/queue/new', { customerKey }),
      action: hrefOf(base, '/customer', { customerKey }),
      fields: [originsField(visit, shown, refusal)],
      dangers: canChange ? dangersOf(base, shown) : [],
    },
  };
}

function newCustomerPage(visit: Visit, { revision }: AdministrationView, refusal?: ShownRefusal): Answer {
  const { base, canChange, session, form } = visit;
  return {
    view: 'customer',
    title: 'New customer',
    status: refusal?.status ?? 200,
    crumbs: [overviewLink(base)],
    model: {
      heading: 'New customer',
      isShown: false,
      canChange,
      csrfToken: session.csrfToken,
      revision,
      refusal: refusal?.refusal,
      action: hrefOf(base, '/customer/new'),
      fields: [
        {
          name: 'customerKey',
          label: 'Customer key',
          hint: 'As the chat server knows the customer.',
          required: true,
          kind: 'text',
          value: form.get('customerKey') ?? '',
          problem: refusal?.fields['customerKey'],
        },
        originsField(visit, undefined, refusal),
      ],
      dangers: [],
    },
  };
}

function originsField({ form }: Visit, shown: ShownCustomer | undefined, refusal: ShownRefusal | undefined) {
  const origins = shown?.returnOrigins;
  return {
    name: 'returnOrigins',
    label: 'Origins that a login may return to',
    hint: 'Whole https origins, one a line: https://www.bank.example. The gateway’s own is always taken.',
    kind: 'lines',
    value: form.get('returnOrigins') ?? linesOf(origins?.value),
    problem: refusal?.fields['returnOrigins'],
    ...(origins === undefined ? {} : setByOf(origins)),
    ...(origins?.origin === 'administrator' && shown?.origin === 'file'
      ? { inFile: linesOf(origins.fileValue).replaceAll('\n', ', ') }
      : {}),
  };
}

function linesOf(value: unknown): string {
  const parts = Array.isArray(value) ? value.map(textOf) : textOf(value).split(',');
  return parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('\n');
}

function dangersOf(base: string, { customerKey, origin }: ShownCustomer) {
  const label = origin === 'file' ? 'Reset this customer to the file…' : 'Take this customer away…';
  return [
    {
      label,
      href: hrefOf(base, '/confirm', { act: 'reset.customer', customerKey }),
      isGrave: origin !== 'file',
    },
  ];
}
