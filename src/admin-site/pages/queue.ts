import type { AdministrationView } from '../../admin/administration.ts';
import type { ShownCustomer, ShownQueue } from '../../admin/view.ts';
import { sameQueue } from '../../config/overlay.ts';
import { fieldByName } from '../problem-texts.ts';
import { queueChip, runningQueues, setByOf, textOf } from '../shown.ts';
import {
  customerOf,
  hrefOf,
  queueOf,
  refusedFields,
  tryEdits,
  type Answer,
  type Page,
  type ShownRefusal,
  type Visit,
} from '../visit.ts';
import { customerLinks } from './crumbs.ts';

const FIELD_NAMES = ['authConnectionName', 'requiredAcrValues', 'queueKey'];

/** One queue: whom it lets in. */
export const queue: Page = async (visit) => {
  const read = await visit.administration.read();
  const customer = customerOf(visit, read);
  return queuePage(visit, read, customer, queueOf(visit, customer));
};

/** Makes the queue secure, or gives it another connection. Opening has a page of its own, which asks again. */
export const saveQueue: Page = async (visit) => {
  const read = await visit.administration.read();
  const customer = customerOf(visit, read);
  const shown = queueOf(visit, customer);
  const refusal = await makeSecure(visit, customer.customerKey, shown.queueKey, shown);
  if (refusal === undefined) return gone(visit, customer.customerKey, shown.queueKey, 'is secure');
  const now = await visit.administration.read();
  const changed = customerOf(visit, now);
  return queuePage(visit, now, changed, queueOf(visit, changed), refusal);
};

/** The form for a queue that is to be listed. */
export const newQueue: Page = async (visit) => {
  const read = await visit.administration.read();
  return queuePage(visit, read, customerOf(visit, read), undefined);
};

/** Lists a queue, secure or open. */
export const addQueue: Page = async (visit) => {
  const read = await visit.administration.read();
  const customer = customerOf(visit, read);
  const { customerKey } = customer;
  const queueKey = visit.form.get('queueKey')?.trim() ?? '';
  const isOpen = visit.form.get('do') === 'open';
  const refusal =
    keyRefusal(customer, queueKey) ??
    (isOpen
      ? await tryEdits(visit, [{ kind: 'queue.open', customerKey, queueKey }], fieldByName(FIELD_NAMES))
      : await makeSecure(visit, customerKey, queueKey, undefined));
  if (refusal === undefined)
    return gone(visit, customerKey, queueKey, isOpen ? 'is listed as open' : 'is secure');
  const now = await visit.administration.read();
  return queuePage(visit, now, customerOf(visit, now), undefined, refusal);
};

function keyRefusal({ queues }: ShownCustomer, queueKey: string): ShownRefusal | undefined {
  if (queueKey === '') return refusedFields({ queueKey: 'Expected the key of the queue.' });
  // what was removed may be added again; opening it asks on its own page
  const known = queues.find((one) => sameQueue(one.queueKey, queueKey));
  if (known === undefined) return undefined;
  return refusedFields({
    queueKey: 'This customer has a queue of this key already: change it on its own page.',
  });
}

function makeSecure(
  visit: Visit,
  customerKey: string,
  queueKey: string,
  shown: ShownQueue | undefined,
): Promise<ShownRefusal | undefined> {
  const authConnectionName = visit.form.get('authConnectionName') ?? '';
  const typed = visit.form.get('requiredAcrValues')?.trim() ?? '';
  const values = typed.split(/\s+/).filter((value) => value !== '');
  // left as it was, the file's own demand goes on to hold
  const demands = typed === acrText(shown) ? shown?.requiredAcrValues : values;
  const edit = { kind: 'queue.secure', customerKey, queueKey, authConnectionName } as const;
  const isKept = demands === undefined || shown?.origin === 'file';
  return tryEdits(
    visit,
    [isKept && typed === acrText(shown) ? edit : { ...edit, requiredAcrValues: values }],
    fieldByName(FIELD_NAMES),
  );
}

function gone({ base }: Visit, customerKey: string, queueKey: string, outcome: string): Answer {
  return {
    goTo: hrefOf(base, '/queue', { customerKey, queueKey }),
    flash: { tone: 'good', text: `The queue ${queueKey} ${outcome}.` },
  };
}

function acrText(shown: ShownQueue | undefined): string {
  const value = shown?.requiredAcrValues;
  return Array.isArray(value) ? value.map(textOf).join(' ') : textOf(value).trim();
}

async function queuePage(
  visit: Visit,
  { revision }: AdministrationView,
  customer: ShownCustomer,
  shown: ShownQueue | undefined,
  refusal?: ShownRefusal,
): Promise<Answer> {
  const { base, canChange, session } = visit;
  const { customerKey } = customer;
  const title = shown === undefined ? 'New queue' : `Queue ${shown.queueKey}`;
  const place = { customerKey, ...(shown && { queueKey: shown.queueKey }) };
  return {
    view: 'queue',
    title,
    status: refusal?.status ?? 200,
    crumbs: customerLinks(base, customerKey),
    model: {
      heading: title,
      isShown: shown !== undefined,
      isSecure: shown?.state === 'secure',
      canChange,
      csrfToken: session.csrfToken,
      revision,
      refusal: refusal?.refusal,
      canForce: refusal?.canForce === true,
      connectionCount: present(customer).length,
      addConnectionHref: hrefOf(base, '/connection/new', { customerKey }),
      action: hrefOf(base, shown === undefined ? '/queue/new' : '/queue', place),
      fields: fieldsOf(visit, customer, shown, refusal),
      dangers: shown !== undefined && canChange ? dangersOf(base, customerKey, shown) : [],
      ...(shown === undefined
        ? {}
        : {
            state: queueChip(shown),
            last: setByOf(shown),
            running: (await runningQueues(visit, customerKey))(shown.queueKey),
          }),
    },
  };
}

function present({ connections }: ShownCustomer): readonly string[] {
  return connections.flatMap(({ authConnectionName, removed }) =>
    removed === undefined ? [authConnectionName] : [],
  );
}

function fieldsOf(
  { form }: Visit,
  customer: ShownCustomer,
  shown: ShownQueue | undefined,
  refusal?: ShownRefusal,
) {
  const names = present(customer);
  const key = {
    name: 'queueKey',
    label: 'Queue key',
    hint: 'As the chat server knows the queue. Case makes no difference.',
    required: true,
    kind: 'text',
    value: form.get('queueKey') ?? '',
    problem: refusal?.fields['queueKey'],
  };
  const chosen = form.get('authConnectionName') ?? textOf(shown?.authConnectionName);
  if (names.length === 0) return [key];
  return [
    ...(shown === undefined ? [key] : []),
    {
      name: 'authConnectionName',
      label: 'Connection',
      kind: 'choice',
      choices: names.map((name) => ({ value: name, label: name })),
      value: names.includes(chosen) ? chosen : names[0],
      problem: refusal?.fields['authConnectionName'],
    },
    {
      name: 'requiredAcrValues',
      label: 'Required acr values',
      hint: 'Separated by blanks: only visitors who were verified in one of these ways get in. Empty: every way is taken.',
      kind: 'text',
      value: form.get('requiredAcrValues') ?? acrText(shown),
      problem: refusal?.fields['requiredAcrValues'],
    },
  ];
}

function dangersOf(base: string, customerKey: string, { queueKey, state, origin, inFile }: ShownQueue) {
  const href = (act: string) => hrefOf(base, '/confirm', { act, customerKey, queueKey });
  return [
    ...(state === 'open'
      ? []
      : [{ label: 'Open it to everybody…', href: href('queue.open'), isGrave: true }]),
    ...(state === 'removed'
      ? []
      : [{ label: 'Take it out of the list…', href: href('queue.remove'), isGrave: true }]),
    ...(origin === 'administrator' && inFile !== 'unlisted'
      ? [{ label: 'Reset it to the file…', href: href('reset.queue') }]
      : []),
  ];
}
