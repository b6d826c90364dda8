import type { TabStorage } from './storage.ts';

/** One field as it was left. */
interface KeptField {
  readonly name: string;
  readonly value: string | boolean | readonly string[];
}

/** The forms of one page. */
export interface KeptForms {
  readonly path: string;
  /** In the order of the form; false for those that are not kept. */
  readonly fields: readonly (KeptField | false)[];
}

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const NEVER = /file|submit|button|image|reset/;
/** Types, and what `autocomplete` says of fields that are nobody's to keep. */
const WHEN_ASKED = /password|hidden|cc-|one-time-code/;

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
  const fieldsHere = (): Field[] =>
    (typeof form === 'string' ? [...document.querySelectorAll<HTMLFormElement>(form)] : form ? [form] : [])
      .flatMap(({ elements }) => [...elements] as Field[])
      .filter(({ type }) => type);
  return {
    keep() {
      const fields = fieldsHere().map((field) => isKept(field) && valueOf(field));
      if (fields.length > 0) storage.write('form', { path: location.pathname, fields } satisfies KeptForms);
    },
    restore() {
      const kept = storage.read('form');
      const here = fieldsHere();
      if (kept?.path !== location.pathname || here.length === 0) return false;
      storage.write('form');
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

function isKept(field: Field): boolean {
  const asked = field.dataset['secureChatKeep'];
  return (
    asked !== 'never' &&
    !NEVER.test(field.type) &&
    (asked !== undefined || !WHEN_ASKED.test(`${field.type} ${field.autocomplete}`))
  );
}

function valueOf(field: Field): KeptField {
  const chosen = 'options' in field && [...field.selectedOptions].map(({ value }) => value);
  return { name: nameOf(field), value: isCheck(field) ? field.checked : chosen || field.value };
}

/** As if the visitor did it, so that a framework that looks after the form notices. */
function put(field: Field, value: KeptField['value']): void {
  if (isCheck(field)) {
    if (field.checked !== value) field.click();
    return;
  }
  if ('options' in field)
    for (const option of field.options) option.selected = (value as readonly string[]).includes(option.value);
  // past the setter that React puts on the field itself, and without which it takes the event for an echo of its own
  else Reflect.set(Object.getPrototypeOf(field) as object, 'value', value, field);
  for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));
}

function isCheck(field: Field): field is HTMLInputElement {
  return /checkbox|radio/.test(field.type);
}
