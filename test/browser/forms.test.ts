import assert from 'node:assert/strict';
import { test } from 'node:test';

/** What is under test; its own types need a browser's, which tests have not. */
interface Parts {
  readonly createTabStorage: (gateway: string) => object;
  readonly createForms: (storage: object, form: object) => { keep(): void; restore(): boolean };
}

const partOf = (name: string) => import(`../../src/browser/${name}.ts`) as Promise<Parts>;
const { createForms } = await partOf('forms');
const { createTabStorage } = await partOf('storage');

/** A field as browsers have them: its value is an accessor of the class. */
class Field extends EventTarget {
  #value = '';
  readonly dataset: Record<string, string> = {};
  autocomplete = '';
  checked = false;
  readonly name: string;
  readonly type: string;

  constructor(name: string, type: string) {
    super();
    this.name = name;
    this.type = type;
  }

  get value(): string {
    return this.#value;
  }

  set value(value: string) {
    this.#value = value;
  }

  click(): void {
    this.checked = !this.checked;
    this.dispatchEvent(new Event('change'));
  }
}

class Choice extends Field {
  readonly options: { value: string; selected: boolean }[];

  constructor(name: string, values: string) {
    super(name, 'select-multiple');
    this.options = Array.from(values, (value) => ({ value, selected: false }));
  }

  get selectedOptions() {
    return this.options.filter(({ selected }) => selected);
  }
}

/** Fields of one page, with what it has to keep and put back. */
function page(storage: object, ...elements: Field[]) {
  return createForms(storage, { elements });
}

Object.assign(globalThis, { location: { pathname: '/chat' } });

test('every choice of a list is kept, also where there are several', () => {
  const storage = createTabStorage('https://chat.example.no/secure-chat');
  const before = new Choice('topics', 'abc');
  before.options.forEach((option) => (option.selected = option.value !== 'b'));
  page(storage, before).keep();
  const after = new Choice('topics', 'xabc');
  assert.equal(page(storage, after).restore(), true);
  assert.deepEqual(
    after.selectedOptions.map(({ value }) => value),
    ['a', 'c'],
  );
});

test('a framework that watches a field’s own setter takes a kept text for typed', () => {
  const storage = createTabStorage('https://chat.example.no/secure-chat');
  const before = new Field('text', 'textarea');
  before.value = 'typed';
  page(storage, before).keep();
  const after = new Field('text', 'textarea');
  const own: string[] = [];
  Object.defineProperty(after, 'value', { get: () => 'own', set: (value: string) => own.push(value) });
  const seen: string[] = [];
  after.addEventListener('input', () =>
    seen.push(Reflect.get<Field, 'value'>(Field.prototype, 'value', after)),
  );
  page(storage, after).restore();
  assert.deepEqual([own, seen], [[], ['typed']]);
});

test('a box that is as it was is left alone, and another one is clicked', () => {
  const storage = createTabStorage('https://chat.example.no/secure-chat');
  const fields = () => [new Field('one', 'checkbox'), new Field('two', 'radio')] as const;
  const [one, two] = fields();
  one.checked = true;
  page(storage, one, two).keep();
  const after = fields();
  const changed: string[] = [];
  for (const field of after) field.addEventListener('change', () => changed.push(field.name));
  page(storage, ...after).restore();
  assert.deepEqual([after.map(({ checked }) => checked), changed], [[true, false], ['one']]);
});
