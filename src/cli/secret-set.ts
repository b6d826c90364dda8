import type { Live } from '../admin/live.ts';
import { sameCustomer, SECRET_SETTINGS } from '../config/overlay.ts';
import { probeConnection, type ProbeOutcome } from '../oidc/probe.ts';
import { isSet, textOf, type Command } from './command.ts';
import { CommandError, UsageError } from './failure.ts';
import { connectionOf, customerOf } from './places.ts';
import { probeCure, probeText } from './probe-words.ts';
import { readSecret } from './read-secret.ts';
import { ACTOR_OPTION, actorOf, withLive } from './with-live.ts';

const IN_ARGUMENT =
  'what stands in a command line stands in the history of the shell and in the list of processes. It is asked for, or read from stdin: secret set ... < FILE';

/** `secret set`: write-only, as everywhere. */
export const secretSet: Command = {
  name: 'secret set',
  summary: 'Sets the client secret of a connection, or its private keys; nobody reads them back.',
  about: [
    'The secret is asked for on a terminal, without showing it, and else read from stdin:\n  secret set --connection Signicat < FILE',
    'A client secret is tried at the provider first, and stored only if the provider accepts it (--no-probe: stored unseen).\nPrivate keys are JSON: one JWK for authRequestSigningKey, a list of them for authDecryptionKeys.',
  ],
  refused: IN_ARGUMENT,
  options: {
    customer: { value: 'KEY', about: 'customerKey; needed where there are several' },
    connection: { value: 'NAME', about: 'authConnectionName; needed where the customer has several' },
    setting: {
      value: 'NAME',
      about: 'authClientSecret (default), authDecryptionKeys or authRequestSigningKey',
    },
    'no-probe': { about: 'store it without asking the provider' },
    actor: ACTOR_OPTION,
    ...Object.fromEntries(
      ['secret', 'value', 'client-secret', 'password', 'key'].map((name) => [
        name,
        { value: '', about: '', refused: IN_ARGUMENT },
      ]),
    ),
  },
  async run(call) {
    const setting = settingOf(textOf(call, 'setting'));
    const actor = actorOf(call);
    return withLive(call, async (live) => {
      const { customers } = await live.administration.read();
      const customer = customerOf(customers, textOf(call, 'customer'));
      const { authConnectionName } = connectionOf(customer, textOf(call, 'connection'));
      const place = { customerKey: customer.customerKey, authConnectionName };
      const isClientSecret = setting === 'authClientSecret';
      const text = await readSecret(call.terminal, isClientSecret ? 'client secret' : setting);
      const value: unknown = isClientSecret ? text : keysOf(text, setting);
      const probe =
        isClientSecret && !isSet(call, 'no-probe') ? await acceptedProbe(live, place, text) : undefined;
      // as it is after the question, which may have taken its time
      const { revision } = await live.administration.read();
      const edit = { kind: 'connection' as const, ...place, settings: { [setting]: value } };
      const changed = await live.administration.change([edit], { revision, actor });
      const said = probe === undefined ? '' : ` ${probeText(probe)}`;
      return {
        ok: true,
        data: { ...changed, ...place, setting, ...(probe === undefined ? {} : { probe }) },
        text: `${setting} of ${authConnectionName} (customer ${place.customerKey}) is set.${said}`,
      };
    });
  },
};

function settingOf(name = 'authClientSecret'): string {
  if (SECRET_SETTINGS.has(name)) return name;
  throw new UsageError(`--setting is one of ${[...SECRET_SETTINGS].join(', ')}.`);
}

function keysOf(text: string, setting: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new CommandError('not_json', `What was given for ${setting} is not JSON.`);
  }
}

/** What the provider says of this secret, which is in force nowhere yet. Only one that it accepts gets through. */
async function acceptedProbe(
  live: Live,
  { customerKey, authConnectionName }: { customerKey: string; authConnectionName: string },
  clientSecret: string,
): Promise<ProbeOutcome> {
  const { publicUrl, routePrefix, providerTimeoutMs: timeoutMs, customers } = live.current.config;
  const connection = customers
    .find((one) => sameCustomer(one.customerKey, customerKey))
    ?.connections.find(({ name }) => name === authConnectionName);
  if (connection === undefined)
    throw new CommandError('no_such_connection', 'The connection is not in force.');
  const redirectUri = new URL(`${publicUrl}${routePrefix}/callback`).href;
  const probe = await probeConnection({ ...connection, clientSecret }, { redirectUri, timeoutMs });
  if (probe.outcome === 'accepted') return probe;
  throw new CommandError(
    `secret_${probe.outcome}`,
    `Nothing was stored. ${probeText(probe)}`,
    `${probeCure(probe) ?? ''} To store it all the same: --no-probe`.trim(),
  );
}
