import type { Edit } from '../config/edits.ts';
import type { ShownConnection, ShownSetting } from '../admin/view.ts';
import { CONNECTION_FIELDS, type ConnectionField } from './connection-fields.ts';
import type { Form } from './form.ts';

/** Where a connection stands. */
export interface ConnectionPlace {
  readonly customerKey: string;
  readonly authConnectionName: string;
}

/** The client secret beside the address that it goes to: it has to be set anew together with one. */
export const NEW_SECRET = 'authClientSecret';

/** What stands in a field: the value in force as somebody would type it; empty when none is set. */
export function fieldText(field: ConnectionField, setting: ShownSetting | undefined): string {
  if (setting === undefined || !setting.isSet || 'secret' in setting) return '';
  return settingText(field, 'value' in setting ? setting.value : undefined);
}

/** A value as it is typed. */
export function settingText({ kind, key }: ConnectionField, value: unknown): string {
  if (value === undefined) return '';
  if (key === 'authPrompt' && (value === false || value === null || value === '')) return 'off';
  if (kind === 'list' && Array.isArray(value)) return value.map(String).join('; ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * The edits that bring a connection from what is shown to what was typed: only what differs is set. A field that was
 * emptied leaves out what the file has, and takes back what an administrator had set.
 *
 * @param shown Undefined for a connection that is to be added.
 */
export function connectionEdits(
  place: ConnectionPlace,
  shown: ShownConnection | undefined,
  typed: Form,
): Edit[] {
  const settings: Record<string, unknown> = {};
  const leaveOut: string[] = [];
  const resets: Edit[] = [];
  for (const field of CONNECTION_FIELDS) {
    const { key } = field;
    const given = typed.get(key)?.trim();
    const setting = shown?.settings.find((one) => one.key === key);
    if (given === undefined || given === fieldText(field, setting).trim()) continue;
    if (given !== '') settings[key] = typedValue(field, given);
    else if (isInFile(setting)) leaveOut.push(key);
    else resets.push({ kind: 'reset.connection', ...place, key });
  }
  // only what is typed: the one that is set is in no field
  const secret = typed.get(NEW_SECRET)?.trim();
  if (secret !== undefined && secret !== '') settings[NEW_SECRET] = secret;
  const changes = Object.keys(settings).length + leaveOut.length > 0 || shown === undefined;
  return [...resets, ...(changes ? [{ kind: 'connection', ...place, settings, leaveOut } as const] : [])];
}

function isInFile(setting: ShownSetting | undefined): boolean {
  if (setting === undefined || 'secret' in setting) return false;
  return setting.origin === 'file' ? setting.isSet : 'fileValue' in setting;
}

/** What is no number or flag goes on as text, so that the check of the configuration says what is wrong with it. */
function typedValue({ key, kind }: ConnectionField, given: string): unknown {
  if (kind === 'number' && /^\d{1,9}$/.test(given)) return Number(given);
  if (key === 'authPushedRequests') return given === 'true' ? true : given === 'false' ? false : given;
  return given;
}
