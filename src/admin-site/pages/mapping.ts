import type { AdministrationView } from '../../admin/administration.ts';
import type { ShownConnection, ShownCustomer } from '../../admin/view.ts';
import type { Problem } from '../../config/problems.ts';
import {
  MAP_TYPES,
  mappingOf,
  rearranged,
  rowOfProblem,
  rowsOf,
  typedRows,
  type MappingRow,
} from '../mapping-rows.ts';
import { previewOf, type Preview } from '../mapping-preview.ts';
import { refusalOf } from '../problem-texts.ts';
import { setByOf } from '../shown.ts';
import {
  connectionOf,
  customerOf,
  hrefOf,
  tryEdits,
  refusedFields,
  type Answer,
  type Page,
  type ShownRefusal,
  type Visit,
} from '../visit.ts';
import { connectionLinks } from './crumbs.ts';

/** The mapping of a connection: which claim reaches the agent, how, and in which order. */
export const mapping: Page = async (visit) => {
  const read = await visit.administration.read();
  const customer = customerOf(visit, read);
  const shown = connectionOf(visit, customer);
  return mappingPage(visit, read, customer, shown, { rows: rowsOf(valueOf(shown)) });
};

/** The editor's buttons: rows are added, moved and removed, tried and saved. Only the last one changes anything. */
export const editMapping: Page = async (visit) => {
  const { form } = visit;
  const button = form.get('do') ?? 'preview';
  const rows = rearranged(typedRows(form), button);
  if (button === 'save') return save(visit, rows);
  const read = await visit.administration.read();
  const customer = customerOf(visit, read);
  const shown = connectionOf(visit, customer);
  if (button !== 'preview') return mappingPage(visit, read, customer, shown, { rows });
  const { mapping: typed, problems } = mappingOf(rows);
  if (problems.size > 0)
    return mappingPage(visit, read, customer, shown, { rows, refusal: rowRefusal(problems) });
  const place = { customerKey: customer.customerKey, authConnectionName: shown.authConnectionName };
  const preview = await previewOf(visit, { place, authMapping: typed, sample: form.get('sample') ?? '' });
  if (preview.refused !== undefined) {
    const { fields, others } = refusalOf(preview.refused, rowField(rows));
    return mappingPage(visit, read, customer, shown, { rows, refusal: refusedFields(fields, others) });
  }
  return mappingPage(visit, read, customer, shown, { rows, preview });
};

/** The row that a problem is about, by the name of its first field. */
function rowField(rows: readonly MappingRow[]): (problem: Problem) => string | undefined {
  return (problem) => {
    const row = rowOfProblem(rows, problem);
    return row === undefined ? undefined : `claim.${row}`;
  };
}

async function save(visit: Visit, rows: readonly MappingRow[]): Promise<Answer> {
  const read = await visit.administration.read();
  const customer = customerOf(visit, read);
  const shown = connectionOf(visit, customer);
  const place = { customerKey: customer.customerKey, authConnectionName: shown.authConnectionName };
  if (!visit.canChange) throw new TypeError('a viewer comes this far only by a mistake in the routes');
  const { mapping: authMapping, problems } = mappingOf(rows);
  const refusal =
    problems.size > 0
      ? rowRefusal(problems)
      : await tryEdits(visit, [{ kind: 'connection', ...place, settings: { authMapping } }], rowField(rows));
  if (refusal === undefined)
    return {
      goTo: hrefOf(visit.base, '/connection', place),
      flash: { tone: 'good', text: 'The mapping was saved. What is new in it comes with the next login.' },
    };
  const now = await visit.administration.read();
  const changed = customerOf(visit, now);
  return mappingPage(visit, now, changed, connectionOf(visit, changed), { rows, refusal });
}

function rowRefusal(problems: ReadonlyMap<number, string>): ShownRefusal {
  return refusedFields(Object.fromEntries([...problems].map(([row, text]) => [`claim.${row}`, text])));
}

function valueOf({ settings }: ShownConnection): unknown {
  const setting = settings.find(({ key }) => key === 'authMapping');
  return setting !== undefined && 'value' in setting ? setting.value : undefined;
}

interface Shown {
  readonly rows: readonly MappingRow[];
  readonly refusal?: ShownRefusal;
  readonly preview?: Preview;
}

function mappingPage(
  { base, canChange, session, form }: Visit,
  { revision }: AdministrationView,
  { customerKey }: ShownCustomer,
  shown: ShownConnection,
  { rows, refusal, preview }: Shown,
): Answer {
  const { authConnectionName, settings, origin } = shown;
  const place = { customerKey, authConnectionName };
  const setting = settings.find(({ key }) => key === 'authMapping');
  const canReset = canChange && origin === 'file' && setting?.origin === 'administrator';
  return {
    view: 'mapping',
    title: 'Mapping',
    status: refusal?.status ?? (preview?.problem === undefined ? 200 : 422),
    crumbs: connectionLinks(base, customerKey, authConnectionName),
    model: {
      canChange,
      csrfToken: session.csrfToken,
      // a form that was opened before somebody else's change goes on to say so
      revision: refusal?.status === 409 ? revision : (form.get('revision') ?? revision),
      refusal: refusal?.refusal,
      last: setByOf(setting ?? { origin: 'file' }),
      resetHref: canReset
        ? hrefOf(base, '/confirm', { act: 'reset.connection', ...place, key: 'authMapping' })
        : undefined,
      action: hrefOf(base, '/mapping', place),
      backHref: hrefOf(base, '/connection', place),
      types: MAP_TYPES,
      rows: rows.map((row, index) => ({ ...row, problem: refusal?.fields[`claim.${index}`] })),
      sample: {
        name: 'sample',
        label: 'Claims of a person, as JSON',
        hint: 'As the provider would send them: { "sub": "…", "given_name": "Kari" }. Never stored. Use a test person.',
        kind: 'lines',
        rows: 8,
        value: form.get('sample') ?? '',
        problem: preview?.problem,
      },
      preview: preview?.rows,
      unmapped: preview?.unmapped?.join(', '),
    },
  };
}
