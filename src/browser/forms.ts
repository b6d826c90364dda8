import type { TabStorage } from './storage.ts';

/** One field as it was left. */
interface KeptField {
  readonly name: string;
  readonly value: string | boolean;
}

/** The forms of one page. */
export interface KeptForms {
  readonly path: string;
  /** In the order of the form; false for those that are not kept. */
  readonly fields: readonly (KeptField | false)[];
}

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const NEVER = /^(?:file|submit|button|image|reset)$/;
const WHEN_ASKED = /^(?:password|hidden)$/;
/** What `autocomplete` says of fields that are nobody's to keep. */
const SECRET = /cc-|one-time-code|password/;

/** Started forms over a redirect. */
export interface Forms {
  readonly keep: () => void;
  /** True when there was something, which is then no longer kept. */
  readonly restore: () => boolean;
}

/**
 * Keeps the fields of `form` in this tab's storage. No files, passwords or hidden fields; and nothing of payment cards or
 * one-time codes. `data-secure-chat-keep` on a field asks for a hidden one or a password, with `never` against it.
 */
export function createForms(storage: TabStorage, form: HTMLFormElement | string | undefined): Forms {
  const forms = (): HTMLFormElement[] =>
    typeof form === 'string' ? [...document.querySelectorAll<HTMLFormElement>(form)] : form ? [form] : [];
  return {
    keep() {
      const fields = fieldsOf(forms()).map((field) => isKept(field) && valueOf(field));
      if (fields.length > 0) storage.write('form', { path: location.pathname, fields } satisfies KeptForms);
    },
    restore() {
      const kept = storage.read('form');
      const here = fieldsOf(forms());
      if (kept?.path !== location.pathname || here.length === 0) return false;
      storage.write('form', undefined);
      kept.fields.forEach((was, at) => {
        const field = here[at];
        if (was && field && nameOf(field) === was.name) put(field, was.value);
      });
      return true;
    },
  };
}

function nameOf(field: Field): string {
  return field.name || field.id;
}

function fieldsOf(forms: readonly HTMLFormElement[]): Field[] {
  return forms.flatMap((form) => [...form.elements] as Field[]).filter(({ type }) => type);
}

function isKept(field: Field): boolean {
  const asked = field.dataset['secureChatKeep'];
  if (asked === 'never' || NEVER.test(field.type)) return false;
  return asked !== undefined || !(WHEN_ASKED.test(field.type) || SECRET.test(field.autocomplete));
}

function valueOf(field: Field): KeptField {
  return { name: nameOf(field), value: isCheck(field) ? field.checked : field.value };
}

function put(field: Field, value: KeptField['value']): void {
  if (isCheck(field)) field.checked = value === true;
  else field.value = String(value);
  // so that a framework that looks after the form notices
  for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));
}

function isCheck(field: Field): field is HTMLInputElement {
  return /^(?:checkbox|radio)$/.test(field.type);
}
