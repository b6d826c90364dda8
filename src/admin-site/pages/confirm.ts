import type { AdministrationView } from '../../admin/administration.ts';
import type { Edit } from '../../config/edits.ts';
import { GatewayError } from '../../errors.ts';
import {
  connectionOf,
  customerOf,
  hrefOf,
  queueOf,
  tryEdits,
  type Answer,
  type Page,
  type PlaceName,
  type ShownRefusal,
  type Visit,
} from '../visit.ts';
import { overviewLink } from './crumbs.ts';

/** Something that is asked again before it is done. */
interface Act {
  readonly heading: string;
  readonly paragraphs: readonly string[];
  /** What the button says. */
  readonly label: string;
  readonly done: string;
  readonly edit: Edit;
  readonly back: string;
  /** Where the way goes on when it is done. */
  readonly onward: string;
}

type MakeAct = (visit: Visit, view: AdministrationView) => Act;

const BROKEN_OFF = 'While chats run there it is refused, unless they are broken off.';

const ACTS: Readonly<Record<string, MakeAct>> = {
  'queue.open': (visit, view) => {
    const { customerKey, queueKey, back } = queuePlace(visit, view);
    return {
      heading: `Open the queue ${queueKey} to everybody?`,
      paragraphs: [
        'Visitors then get in without a login, and the agent is told nothing of who they are.',
        BROKEN_OFF,
      ],
      label: 'Yes, open it to everybody',
      done: `The queue ${queueKey} is open to everybody.`,
      edit: { kind: 'queue.open', customerKey, queueKey },
      back,
      onward: back,
    };
  },
  'queue.remove': (visit, view) => {
    const { customerKey, queueKey, back } = queuePlace(visit, view);
    const { unknownQueues } = visit.runtime.config;
    return {
      heading: `Take the queue ${queueKey} out of the list?`,
      paragraphs: [
        unknownQueues === 'open'
          ? 'Queues in no list are open here, so a secure queue has to be opened first.'
          : 'Requests for it are then refused.',
        BROKEN_OFF,
      ],
      label: 'Yes, take it out',
      done: `The queue ${queueKey} is no longer listed.`,
      edit: { kind: 'queue.remove', customerKey, queueKey },
      back,
      onward: hrefOf(visit.base, '/customer', { customerKey }),
    };
  },
  'reset.queue': (visit, view) => {
    const { customerKey, queueKey, inFile, back } = queuePlace(visit, view);
    return {
      heading: `Reset the queue ${queueKey}?`,
      paragraphs: [`What was set here is forgotten. The file says: ${inFile}.`],
      label: 'Yes, reset it',
      done: `The queue ${queueKey} is as the file says.`,
      edit: { kind: 'reset.queue', customerKey, queueKey },
      back,
      onward: inFile === 'unlisted' ? hrefOf(visit.base, '/customer', { customerKey }) : back,
    };
  },
  'connection.remove': (visit, view) => {
    const { customerKey, authConnectionName, origin, back } = connectionPlace(visit, view);
    return {
      heading: `Take the connection ${authConnectionName} away?`,
      paragraphs: [
        'Queues that are secure by it need another connection first.',
        origin === 'file'
          ? 'The file has it: a reset brings it back.'
          : 'Its settings and secrets are forgotten, and cannot be brought back.',
      ],
      label: 'Yes, take it away',
      done: `The connection ${authConnectionName} was taken away.`,
      edit: { kind: 'connection.remove', customerKey, authConnectionName },
      back,
      onward: hrefOf(visit.base, '/customer', { customerKey }),
    };
  },
  'reset.connection': (visit, view) => {
    const { customerKey, authConnectionName, back } = connectionPlace(visit, view);
    const { key } = visit.query;
    return {
      heading: `Reset ${key ?? `the connection ${authConnectionName}`}?`,
      paragraphs: [
        `What was set here is forgotten, and what the file says of ${key ?? 'the connection'} holds again.`,
        ...(key === undefined ? ['That goes for its secrets too.'] : []),
      ],
      label: 'Yes, reset it',
      done: `${key ?? `The connection ${authConnectionName}`} is as the file says.`,
      edit: {
        kind: 'reset.connection',
        customerKey,
        authConnectionName,
        ...(key === undefined ? {} : { key }),
      },
      back,
      onward: back,
    };
  },
  'reset.customer': (visit, view) => {
    const { customerKey, origin } = customerOf(visit, view);
    const back = hrefOf(visit.base, '/customer', { customerKey });
    const inFile = origin === 'file';
    return {
      heading: inFile ? `Reset customer ${customerKey}?` : `Take customer ${customerKey} away?`,
      paragraphs: [
        inFile
          ? 'What was set here of its connections, secrets, queues and return addresses is forgotten.'
          : 'With it go its connections, secrets and queues. They cannot be brought back.',
      ],
      label: inFile ? 'Yes, reset it' : 'Yes, take it away',
      done: inFile
        ? `Customer ${customerKey} is as the file says.`
        : `Customer ${customerKey} was taken away.`,
      edit: { kind: 'reset.customer', customerKey },
      back,
      onward: inFile ? back : visit.base,
    };
  },
  reset: ({ base }) => ({
    heading: 'Reset everything to the file?',
    paragraphs: [
      'Everything that administrators have set is forgotten: customers, connections, secrets, queues.',
    ],
    label: 'Yes, reset everything',
    done: 'Everything is as the file says.',
    edit: { kind: 'reset' },
    back: base,
    onward: base,
  }),
};

/** Asks whether it shall be done. */
export const confirm: Page = async (visit) => {
  const view = await visit.administration.read();
  return confirmPage(visit, view, actOf(visit, view));
};

/** Does it. */
export const confirmed: Page = async (visit) => {
  const act = actOf(visit, await visit.administration.read());
  const refusal = await tryEdits(visit, [act.edit]);
  if (refusal === undefined) return { goTo: act.onward, flash: { tone: 'good', text: act.done } };
  const now = await visit.administration.read();
  return confirmPage(visit, now, actOf(visit, now), refusal);
};

function actOf(visit: Visit, view: AdministrationView): Act {
  const { act = '' } = visit.query;
  const make = Object.hasOwn(ACTS, act) ? ACTS[act] : undefined;
  if (make === undefined) throw new GatewayError('not_found', 'The administration has no such page.');
  return make(visit, view);
}

function confirmPage(
  { base, session, query }: Visit,
  { revision }: AdministrationView,
  { heading, paragraphs, label, back }: Act,
  refusal?: ShownRefusal,
): Answer {
  const about = Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== undefined),
  ) as Partial<Record<PlaceName, string>>;
  return {
    view: 'confirm',
    title: heading,
    narrow: true,
    status: refusal?.status ?? 200,
    crumbs: [overviewLink(base)],
    model: {
      heading,
      paragraphs,
      label,
      values: {},
      csrfToken: session.csrfToken,
      revision,
      refusal: refusal?.refusal,
      canForce: refusal?.canForce === true,
      action: hrefOf(base, '/confirm', about),
      backHref: back,
    },
  };
}

function queuePlace(visit: Visit, view: AdministrationView) {
  const customer = customerOf(visit, view);
  const { queueKey, inFile } = queueOf(visit, customer);
  const { customerKey } = customer;
  return { customerKey, queueKey, inFile, back: hrefOf(visit.base, '/queue', { customerKey, queueKey }) };
}

function connectionPlace(visit: Visit, view: AdministrationView) {
  const customer = customerOf(visit, view);
  const { authConnectionName, origin } = connectionOf(visit, customer);
  const { customerKey } = customer;
  const back = hrefOf(visit.base, '/connection', { customerKey, authConnectionName });
  return { customerKey, authConnectionName, origin, back };
}
