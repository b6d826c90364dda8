import { formatPath, type Problem } from '../config/problems.ts';
import type { Form } from './form.ts';

/** One row of the mapping editor, as it was typed. */
export interface MappingRow {
  readonly claim: string;
  readonly type: string;
  readonly description: string;
}

/** What a claim may become, in the words of the vendor and of the page. */
export const MAP_TYPES = [
  { value: 'Variable', label: 'Variable' },
  { value: 'ChatId', label: 'Chat id' },
  { value: 'NickName', label: 'Nickname' },
] as const;

/** Rows that a form may have. */
const MAX_ROWS = 200;

const EMPTY: MappingRow = { claim: '', type: 'Variable', description: '' };

/** The rows of a mapping in force, in its order. */
export function rowsOf(mapping: unknown): readonly MappingRow[] {
  if (typeof mapping !== 'object' || mapping === null) return [];
  return Object.entries(mapping as Record<string, unknown>).map(([claim, entry]) => {
    const { MapType, Description } = (entry ?? {}) as { MapType?: unknown; Description?: unknown };
    return { claim, type: textOf(MapType), description: textOf(Description) };
  });
}

/** The rows that were typed: `claim.0`, `type.0`, `description.0` and so on. */
export function typedRows(form: Form): readonly MappingRow[] {
  const rows: MappingRow[] = [];
  for (let index = 0; index < MAX_ROWS && form.has(`claim.${index}`); index += 1) {
    const field = (name: string) => form.get(`${name}.${index}`) ?? '';
    rows.push({ claim: field('claim').trim(), type: field('type'), description: field('description') });
  }
  return rows;
}

/** The rows after a button of the editor: `add`, `up.2`, `down.2`, `remove.2`; anything else changes nothing. */
export function rearranged(rows: readonly MappingRow[], button: string): readonly MappingRow[] {
  if (button === 'add') return rows.length < MAX_ROWS ? [...rows, EMPTY] : rows;
  const [, act, written] = /^(up|down|remove)\.(\d{1,3})$/.exec(button) ?? [];
  const index = Number(written);
  const row = rows[index];
  if (act === undefined || row === undefined) return rows;
  const others = rows.toSpliced(index, 1);
  if (act === 'remove') return others;
  const to = act === 'up' ? index - 1 : index + 1;
  return to < 0 || to >= rows.length ? rows : others.toSpliced(to, 0, row);
}

/** Rows as `authMapping`; wholly empty ones are left out. What cannot be one is told at its row. */
export function mappingOf(rows: readonly MappingRow[]): {
  readonly mapping: Readonly<Record<string, { MapType: string; Description?: string }>>;
  readonly problems: ReadonlyMap<number, string>;
} {
  const mapping = new Map<string, { MapType: string; Description?: string }>();
  const problems = new Map<number, string>();
  rows.forEach(({ claim, type, description }, index) => {
    if (claim === '' && description.trim() === '') return;
    if (claim === '') problems.set(index, 'The name of the claim is missing.');
    // an object puts such names first, whatever their row
    else if (/^\d+$/.test(claim))
      problems.set(index, 'A name of digits alone cannot keep its place in the order.');
    else if (claim === '__proto__') problems.set(index, 'This name cannot be mapped.');
    else if (mapping.has(claim)) problems.set(index, 'This claim is mapped in a row above.');
    else mapping.set(claim, { MapType: type, ...(description === '' ? {} : { Description: description }) });
  });
  return { mapping: Object.fromEntries(mapping), problems };
}

/** The row that a problem of the configuration is about; undefined where it is about none of them. */
export function rowOfProblem(rows: readonly MappingRow[], { path }: Problem): number | undefined {
  const [, rest] = /authMapping(.*)$/.exec(path) ?? [];
  if (rest === undefined || rest === '') return undefined;
  const index = rows.findIndex(({ claim }) => {
    const place = formatPath(['authMapping', claim]).slice('authMapping'.length);
    return rest === place || rest.startsWith(`${place}.`) || rest.startsWith(`${place}[`);
  });
  return index === -1 ? undefined : index;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
