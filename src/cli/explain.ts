import { readFile } from 'node:fs/promises';
import { explain as explainClaims, type ExplainedRow, type ExplainedWhy } from '../admin/explain.ts';
import { createPseudonymizer } from '../claims/pseudonym.ts';
import type { Connection, GatewayConfig, Queue } from '../config/gateway-config.ts';
import { sameCustomer, sameQueue } from '../config/overlay.ts';
import { isSet, textOf, type Call, type Command, type Outcome } from './command.ts';
import { CommandError } from './failure.ts';
import { readAll } from './read-secret.ts';
import { printable } from './terminal.ts';
import { configOf, withLive } from './with-live.ts';

/** `explain`: by the code that makes the headers, so that it cannot be mistaken. */
export const explain: Command = {
  name: 'explain',
  summary:
    'Says which headers a login would bring to a queue, and why so: masked, pseudonymized, cut, absent.',
  about: [
    'The claims are a JSON object, ID token and userinfo merged, as the provider sends them. They are kept nowhere, and what is\nmasked for the chat server is masked here too. With Redis it goes by what administrators have set.',
    'Example:\n  echo \'{"sub":"1","given_name":"Kari","nin":"17029012345"}\' | secure-chat-gateway explain --queue q_bank --claims -',
  ],
  options: {
    queue: { value: 'QUEUE', about: 'queueKey', required: true },
    claims: { value: 'FILE', about: 'file with the claims; - is stdin', required: true },
    customer: { value: 'KEY', about: 'customerKey; needed where several customers have the queue' },
    offline: { about: 'by file and environment alone; nothing is connected to' },
  },
  async run(call) {
    const config = configOf(call);
    const isLive = config.redis !== undefined && !isSet(call, 'offline');
    const inForce = isLive ? await withLive(call, ({ current }) => Promise.resolve(current.config)) : config;
    const found = queuesOf(inForce, textOf(call, 'queue') ?? '', textOf(call, 'customer'));
    const [queue, another] = found;
    if (another !== undefined)
      throw new CommandError(
        'queue_ambiguous',
        'Several customers have this queue.',
        `Name one with --customer: ${found.map(({ customerKey }) => JSON.stringify(customerKey)).join(', ')}`,
      );
    if (queue?.connection === undefined) return openOutcome(inForce, queue);
    const claims = await claimsOf(call);
    const pseudonym = createPseudonymizer(inForce.session.pseudonymKey);
    const settings = { connection: queue.connection, queueKey: queue.queueKey, config: inForce, pseudonym };
    return secureOutcome(queue, queue.connection, explainClaims(settings, claims));
  },
};

function queuesOf({ customers }: GatewayConfig, queueKey: string, customerKey: string | undefined): Queue[] {
  return customers
    .filter((customer) => customerKey === undefined || sameCustomer(customer.customerKey, customerKey))
    .flatMap(({ queues }) => queues.filter((queue) => sameQueue(queue.queueKey, queueKey)));
}

async function claimsOf(call: Call): Promise<Readonly<Record<string, unknown>>> {
  const file = textOf(call, 'claims') ?? '-';
  const text = file === '-' ? await readAll(call.terminal.stdin) : await readText(file);
  let claims: unknown;
  try {
    claims = JSON.parse(text);
  } catch {
    throw new CommandError('not_json', 'The claims are not JSON.');
  }
  if (typeof claims === 'object' && claims !== null && !Array.isArray(claims))
    return claims as Readonly<Record<string, unknown>>;
  throw new CommandError('not_json', 'The claims are not a JSON object.');
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new CommandError('unreadable', `The file with the claims cannot be read${code}.`);
  }
}

function openOutcome({ unknownQueues }: GatewayConfig, queue: Queue | undefined): Outcome {
  if (queue !== undefined)
    return {
      ok: true,
      data: { queue: { customerKey: queue.customerKey, queueKey: queue.queueKey, state: 'open' }, rows: [] },
      text: 'The queue is open: everybody enters, and the chat server gets no identity header.',
    };
  const text =
    unknownQueues === 'refuse'
      ? 'The queue is in no list, and unknownQueues is "refuse": requests for it are refused (queue_refused).'
      : 'The queue is in no list, and unknownQueues is "open": everybody enters, and the chat server gets no identity header.';
  return { ok: true, data: { queue: { state: 'unlisted', unknownQueues }, rows: [] }, text };
}

function secureOutcome(
  { customerKey, queueKey, requiredAcrValues }: Queue,
  { name: authConnectionName }: Connection,
  explanation: ReturnType<typeof explainClaims>,
): Outcome {
  const { accepted, rows, unmapped } = explanation;
  const queue = { customerKey, queueKey, state: 'secure', authConnectionName, requiredAcrValues };
  const intro = `${queueKey} of customer ${customerKey} is secure by ${authConnectionName}.`;
  const demand =
    requiredAcrValues.length === 0 ? [] : [`It takes these acr only: ${requiredAcrValues.join(', ')}.`];
  const body = accepted
    ? rows.map(rowText)
    : ['Nobody would be verified by these claims: there is no "sub", or none that may be sent.'];
  const rest = unmapped.length === 0 ? [] : [`Not mapped, so not sent: ${unmapped.join(', ')}`];
  const text = [
    ...[intro, ...demand].map(printable),
    '',
    ...body,
    ...rest.map((line) => `\n${printable(line)}`),
  ];
  return { ok: accepted, data: { queue, ...explanation }, text: text.join('\n') };
}

const WHY: Readonly<Record<ExplainedWhy, string>> = {
  masked: 'masked: the claim is, whatever it holds',
  holds_masked: 'masked in part: it holds a value that is masked elsewhere',
  pseudonym: 'a keyed pseudonym stands for it',
  cut: 'cut: all headers together would be larger than headerLimitBytes',
  encoded: 'percent-encoded',
  absent: 'absent: the claims do not have it, or empty',
  other_first: 'another claim of this map type comes first',
  left_out: 'left out: there is no room for it in headerLimitBytes',
};

function rowText({ header, value, claim, mapType, description, why }: ExplainedRow): string {
  const isAssertion = header.endsWith('Assertion') && claim === undefined;
  const shown = isAssertion ? '(signed, another one each time)' : (value ?? '(not sent)');
  const title = description === undefined ? '' : ` "${description}"`;
  const from = claim === undefined ? [] : [mapType === undefined ? claim : `${claim}, ${mapType}${title}`];
  const said = [...from, ...why.map((word) => WHY[word])].join('; ');
  const line = printable(`${header}: ${shown}`);
  return said === '' ? line : `${line}\n    ${printable(said)}`;
}
