import type { AdministrationView } from '../../admin/administration.ts';
import type { ShownConnection, ShownCustomer } from '../../admin/view.ts';
import { ConfigError } from '../../config/problems.ts';
import { GatewayError } from '../../errors.ts';
import type { ConnectionPlace } from '../connection-form.ts';
import { fieldByName } from '../problem-texts.ts';
import { secretChip, setByOf } from '../shown.ts';
import {
  connectionOf,
  customerOf,
  hrefOf,
  refusedFields,
  tryEdits,
  type Answer,
  type Page,
  type ShownRefusal,
  type Visit,
} from '../visit.ts';
import { PROBED } from './connection.ts';
import { connectionLinks } from './crumbs.ts';

/** The settings of a connection that are write-only. */
export const SECRETS = [
  { key: 'authClientSecret', label: 'Client secret', hint: 'As the provider issued it.', isJson: false },
  {
    key: 'authDecryptionKeys',
    label: 'Decryption keys',
    hint: 'Private JWKs that open encrypted ID tokens and userinfo: a JSON array, or { "keys": [] }.',
    isJson: true,
  },
  {
    key: 'authRequestSigningKey',
    label: 'Request signing key',
    hint: 'The private JWK that signs authorization requests, as JSON.',
    isJson: true,
  },
] as const;

type Secret = (typeof SECRETS)[number];

/** The form for one secret, which shows whether it is set and nothing else. */
export const secret: Page = async (visit) => {
  const read = await visit.administration.read();
  const customer = customerOf(visit, read);
  return secretPage(visit, read, customer, connectionOf(visit, customer), secretOf(visit));
};

/** Sets or replaces a secret. What was typed is in no answer. */
export const setSecret: Page = async (visit) => {
  const read = await visit.administration.read();
  const customer = customerOf(visit, read);
  const shown = connectionOf(visit, customer);
  const wanted = secretOf(visit);
  const { key } = wanted;
  const place = { customerKey: customer.customerKey, authConnectionName: shown.authConnectionName };
  const isSet = shown.settings.find((one) => one.key === key)?.isSet === true;
  const typed = typedSecret(visit, wanted);
  const problems = {
    ...(typed.problem === undefined ? {} : { [key]: typed.problem }),
    ...(isSet && visit.form.get('replace') !== 'yes'
      ? { replace: 'One is set: say that it shall be replaced, and type the new one again.' }
      : {}),
  };
  const refusal =
    Object.keys(problems).length > 0
      ? refusedFields(problems)
      : ((await refusedByProvider(visit, place, key, typed.value)) ??
        (await tryEdits(
          visit,
          [{ kind: 'connection', ...place, settings: { [key]: typed.value } }],
          fieldByName([key]),
        )));
  if (refusal === undefined) return done(visit, place, wanted, isSet);
  const now = await visit.administration.read();
  const changed = customerOf(visit, now);
  return secretPage(visit, now, changed, connectionOf(visit, changed), wanted, refusal);
};

/** Where that was wished: the old one stays when the provider says no to the new one. */
async function refusedByProvider(
  { administration, form }: Visit,
  place: ConnectionPlace,
  key: Secret['key'],
  value: unknown,
): Promise<ShownRefusal | undefined> {
  if (key !== 'authClientSecret' || form.get('try') !== 'yes') return undefined;
  try {
    const { outcome } = await administration.probe(place, { [key]: value });
    return outcome === 'refused' ? refusedFields({ [key]: PROBED.refused }) : undefined;
  } catch (error) {
    // what does not validate is told when it is to be set
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

async function done(
  { administration, base }: Visit,
  place: ConnectionPlace,
  { key, label }: Secret,
  wasSet: boolean,
): Promise<Answer> {
  const goTo = hrefOf(base, '/connection', place);
  const said = `${label} ${wasSet ? 'replaced' : 'set'}.`;
  if (key !== 'authClientSecret') return { goTo, flash: { tone: 'good', text: said } };
  const { outcome } = await administration.probe(place);
  return {
    goTo,
    flash: { tone: outcome === 'accepted' ? 'good' : 'care', text: `${said} ${PROBED[outcome]}` },
  };
}

function secretOf({ query: { key } }: Visit): Secret {
  const found = SECRETS.find((one) => one.key === key);
  if (found === undefined) throw new GatewayError('not_found', 'The administration has no such page.');
  return found;
}

/** Never says what was typed, not even in part. */
function typedSecret(
  { form }: Visit,
  { key, isJson }: Secret,
): { readonly value?: unknown; readonly problem?: string } {
  const text = form.get(key)?.trim() ?? '';
  if (text === '') return { problem: 'Expected the new one.' };
  if (!isJson) return { value: text };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { problem: 'Expected JSON. For safety it is not shown again: paste it once more.' };
  }
}

function secretPage(
  { base, canChange, session, form }: Visit,
  { revision }: AdministrationView,
  { customerKey }: ShownCustomer,
  { authConnectionName, settings }: ShownConnection,
  { key, label, hint, isJson }: Secret,
  refusal?: ShownRefusal,
): Answer {
  const setting = settings.find((one) => one.key === key);
  const place = { customerKey, authConnectionName };
  if (!canChange) throw new GatewayError('forbidden', 'A viewer cannot set secrets.');
  return {
    view: 'secret',
    title: label,
    status: refusal?.status ?? 200,
    crumbs: connectionLinks(base, customerKey, authConnectionName),
    model: {
      heading: label,
      csrfToken: session.csrfToken,
      revision,
      refusal: refusal?.refusal,
      state: secretChip(setting),
      last: setByOf(setting ?? { origin: 'file' }),
      isSet: setting?.isSet === true,
      replaceProblem: refusal?.fields['replace'],
      canTry: key === 'authClientSecret',
      isTried: refusal === undefined || form.get('try') === 'yes',
      action: hrefOf(base, '/secret', { ...place, key }),
      backHref: hrefOf(base, '/connection', place),
      fields: [
        {
          name: key,
          label: `New ${label.toLowerCase()}`,
          hint: `${hint} It is sealed at once, and can be read by nobody.`,
          kind: isJson ? 'lines' : 'secret',
          rows: 8,
          value: '',
          problem: refusal?.fields[key],
        },
      ],
    },
  };
}
