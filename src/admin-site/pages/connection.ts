import type { AdministrationView } from '../../admin/administration.ts';
import type { ShownConnection, ShownCustomer, ShownSetting } from '../../admin/view.ts';
import { CONNECTION_FIELDS, CONNECTION_GROUPS, type ConnectionField } from '../connection-fields.ts';
import { connectionEdits, fieldText, NEW_SECRET, settingText } from '../connection-form.ts';
import { MAP_TYPES, rowsOf } from '../mapping-rows.ts';
import { fieldByName } from '../problem-texts.ts';
import { healthChip, originChip, secretChip, setByOf } from '../shown.ts';
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
import { customerLinks } from './crumbs.ts';
import { SECRETS } from './secret.ts';

const FIELD_NAMES = [...CONNECTION_FIELDS.map(({ key }) => key), NEW_SECRET];

/** One connection with all its settings. */
export const connection: Page = async (visit) => {
  const read = await visit.administration.read();
  const customer = customerOf(visit, read);
  return connectionPage(visit, read, customer, connectionOf(visit, customer));
};

/** Saves what differs from what is in force. */
export const saveConnection: Page = async (visit) => {
  const read = await visit.administration.read();
  const customer = customerOf(visit, read);
  const shown = connectionOf(visit, customer);
  const place = { customerKey: customer.customerKey, authConnectionName: shown.authConnectionName };
  const goTo = hrefOf(visit.base, '/connection', place);
  const edits = connectionEdits(place, shown, visit.form);
  if (edits.length === 0)
    return { goTo, flash: { tone: 'care', text: 'Nothing differed, so nothing was saved.' } };
  const refusal = await tryEdits(visit, edits, fieldByName(FIELD_NAMES));
  if (refusal === undefined) return { goTo, flash: { tone: 'good', text: 'The settings were saved.' } };
  const now = await visit.administration.read();
  const changed = customerOf(visit, now);
  return connectionPage(visit, now, changed, connectionOf(visit, changed), refusal);
};

/** The form for a connection that is to be added. */
export const newConnection: Page = async (visit) => {
  const read = await visit.administration.read();
  return connectionPage(visit, read, customerOf(visit, read), undefined);
};

/** Adds a connection. */
export const addConnection: Page = async (visit) => {
  const read = await visit.administration.read();
  const customer = customerOf(visit, read);
  const { customerKey } = customer;
  const authConnectionName = visit.form.get('authConnectionName')?.trim() ?? '';
  const place = { customerKey, authConnectionName };
  const refusal = isTaken(customer, authConnectionName)
    ? refusedFields({ authConnectionName: 'This customer has a connection of this name already.' })
    : await tryEdits(
        visit,
        connectionEdits(place, undefined, visit.form),
        fieldByName([...FIELD_NAMES, 'authConnectionName']),
      );
  if (refusal !== undefined) {
    const now = await visit.administration.read();
    return connectionPage(visit, now, customerOf(visit, now), undefined, refusal);
  }
  return {
    goTo: hrefOf(visit.base, '/connection', place),
    flash: { tone: 'good', text: 'The connection was added. Set its mapping next.' },
  };
};

/** Asks the provider whether it accepts client and secret. */
export const probe: Page = async (visit) => {
  const customer = customerOf(visit, await visit.administration.read());
  const { authConnectionName } = connectionOf(visit, customer);
  const place = { customerKey: customer.customerKey, authConnectionName };
  const { outcome } = await visit.administration.probe(place);
  return {
    goTo: hrefOf(visit.base, '/connection', place),
    flash: { tone: outcome === 'accepted' ? 'good' : 'care', text: PROBED[outcome] },
  };
};

/** What a probe comes to, as a page says it. */
export const PROBED = {
  accepted: 'The provider knows the client and accepts its secret.',
  refused: 'The provider refuses: the secret is wrong, or is not taken in this way of sending it.',
  unreachable: 'The provider did not answer.',
  unclear: 'The provider answered something that says neither yes nor no.',
} as const;

function isTaken({ connections }: ShownCustomer, name: string): boolean {
  return connections.some(
    ({ authConnectionName, removed }) => authConnectionName === name && removed === undefined,
  );
}

async function connectionPage(
  visit: Visit,
  { revision }: AdministrationView,
  { customerKey }: ShownCustomer,
  shown: ShownConnection | undefined,
  refusal?: ShownRefusal,
): Promise<Answer> {
  const { base, canChange, session } = visit;
  const place = { customerKey, ...(shown && { authConnectionName: shown.authConnectionName }) };
  const title = shown?.authConnectionName ?? 'New connection';
  return {
    view: 'connection',
    title,
    status: refusal?.status ?? 200,
    crumbs: customerLinks(base, customerKey),
    model: {
      heading: shown === undefined ? title : `Connection ${title}`,
      isShown: shown !== undefined,
      canChange,
      csrfToken: session.csrfToken,
      revision,
      refusal: refusal?.refusal,
      canForce: refusal?.canForce === true,
      action: hrefOf(base, shown === undefined ? '/connection/new' : '/connection', place),
      groups: groupsOf(visit, shown, refusal),
      dangers: [],
      ...(shown === undefined ? {} : await shownModel(visit, customerKey, shown)),
    },
  };
}

async function shownModel({ base, canChange, ...visit }: Visit, customerKey: string, shown: ShownConnection) {
  const { authConnectionName, settings, origin } = shown;
  const place = { customerKey, authConnectionName };
  const settingOf = (key: string) => settings.find((one) => one.key === key);
  const mapping = settingOf('authMapping');
  return {
    origin: originChip(origin),
    health: await healthChip({ base, canChange, ...visit }, customerKey, shown),
    probeAction: hrefOf(base, '/connection/probe', place),
    mappingHref: hrefOf(base, '/mapping', place),
    mapping: rowsOf(mapping !== undefined && 'value' in mapping ? mapping.value : undefined).map((row) => ({
      ...row,
      type: MAP_TYPES.find(({ value }) => value === row.type)?.label ?? row.type,
    })),
    secrets: SECRETS.map(({ key, label }) => ({
      label,
      state: secretChip(settingOf(key)),
      isSet: settingOf(key)?.isSet === true,
      last: setByOf(settingOf(key) ?? { origin: 'file' }),
      href: hrefOf(base, '/secret', { ...place, key }),
    })),
    dangers: canChange ? dangersOf(base, place, shown) : [],
  };
}

function groupsOf(
  { form, base, canChange, query }: Visit,
  shown: ShownConnection | undefined,
  refusal?: ShownRefusal,
) {
  const name = {
    name: 'authConnectionName',
    label: 'Name of the connection',
    hint: 'Queues refer to it, and the agent sees it as AuthProvider.',
    required: true,
    kind: 'text',
    value: form.get('authConnectionName') ?? '',
    problem: refusal?.fields['authConnectionName'],
  };
  return CONNECTION_GROUPS.map((group, index) => {
    const fields = group.fields.map((field) => {
      const setting = shown?.settings.find(({ key }) => key === field.key);
      return {
        ...field,
        name: field.key,
        value: form.get(field.key) ?? fieldText(field, setting),
        problem: refusal?.fields[field.key],
        ...(setting === undefined ? {} : under(field, setting)),
        resetHref: canChange && setting !== undefined && shown !== undefined ? resetHref(setting) : undefined,
      };
    });
    const isOpen = fields.some(({ value, problem }) => value !== '' || problem !== undefined);
    if (index !== 0) return { ...group, isOpen, fields };
    const secret = { ...SECRET_FIELD, problem: refusal?.fields[NEW_SECRET] };
    return {
      ...group,
      isOpen,
      fields: [...(shown === undefined ? [name] : []), ...fields, ...(canChange ? [secret] : [])],
    };
  });

  function resetHref({ key, origin }: ShownSetting): string | undefined {
    if (origin === 'file' || shown?.origin !== 'file') return undefined;
    const { customerKey = '', authConnectionName = '' } = query;
    return hrefOf(base, '/confirm', { act: 'reset.connection', customerKey, authConnectionName, key });
  }
}

const SECRET_FIELD = {
  name: NEW_SECRET,
  label: 'New client secret',
  hint: 'Empty leaves the one that is set. Another issuer or token endpoint needs it again: it goes nowhere but where it was set for.',
  kind: 'secret',
  value: '',
};

/** What stands below a field: who has set it, and what the file has where that is something else. */
function under(field: ConnectionField, setting: ShownSetting) {
  if ('secret' in setting) return {};
  const isOver = setting.origin === 'administrator' && 'fileValue' in setting;
  return { ...setByOf(setting), ...(isOver ? { inFile: settingText(field, setting.fileValue) } : {}) };
}

function dangersOf(
  base: string,
  place: { readonly customerKey: string; readonly authConnectionName: string },
  { origin, removed, settings }: ShownConnection,
) {
  const isTouched = removed !== undefined || settings.some((one) => one.origin === 'administrator');
  const reset = {
    label: 'Reset it to the file…',
    href: hrefOf(base, '/confirm', { act: 'reset.connection', ...place }),
  };
  const remove = {
    label: 'Take it away…',
    href: hrefOf(base, '/confirm', { act: 'connection.remove', ...place }),
    isGrave: true,
  };
  return [...(origin === 'file' && isTouched ? [reset] : []), ...(removed === undefined ? [remove] : [])];
}
