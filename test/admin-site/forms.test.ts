import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ShownConnection } from '../../src/admin/view.ts';
import { CONNECTION_FIELDS } from '../../src/admin-site/connection-fields.ts';
import { connectionEdits, fieldText } from '../../src/admin-site/connection-form.ts';
import { readForm } from '../../src/admin-site/form.ts';
import { mappingOf, rearranged, rowOfProblem, rowsOf, typedRows } from '../../src/admin-site/mapping-rows.ts';
import { refusalOf } from '../../src/admin-site/problem-texts.ts';
import { connectionShape } from '../../src/config/connection-options.ts';
import { SECRET_SETTINGS } from '../../src/config/overlay.ts';
import { isGatewayError } from '../../src/errors.ts';

const PLACE = { customerKey: '1', authConnectionName: 'A' };
const form = (fields: Record<string, string>) => new Map(Object.entries(fields));
const read = (text: string, type = 'application/x-www-form-urlencoded') => readForm(type, Buffer.from(text));

test('every setting of a connection has its place: a field, the mapping’s page, or a secret’s', () => {
  const shown = CONNECTION_FIELDS.map(({ key }) => key);
  const elsewhere = ['authConnectionName', 'authMapping', ...SECRET_SETTINGS];
  assert.deepEqual([...shown, ...elsewhere].sort(), Object.keys(connectionShape).sort());
});

test('a form is read strictly', () => {
  assert.deepEqual(
    [...read('a=1&b=%C3%A4+x%0D%0Ay%0Dz')],
    [
      ['a', '1'],
      ['b', 'ä x\ny\nz'],
    ],
  );
  const many = Array.from({ length: 1001 }, (_, index) => `f${index}=`).join('&');
  for (const [text, type] of [
    ['a=1&a=2'],
    [many],
    ['{}', 'application/json'],
    ['a=1', 'multipart/form-data; boundary=x'],
    ['a=1', ''],
  ])
    assert.throws(
      () => read(text!, type),
      (error) => isGatewayError(error) && error.code === 'request_malformed',
      text?.slice(0, 20),
    );
});

const SHOWN: ShownConnection = {
  authConnectionName: 'A',
  origin: 'file',
  settings: [
    { key: 'authScope', isSet: true, value: 'openid', origin: 'file' },
    { key: 'authAcrValues', isSet: true, value: 'urn:x', origin: 'administrator', by: 'a', at: 1 },
    { key: 'authPrompt', isSet: true, value: false, origin: 'file' },
    { key: 'maskedClaims', isSet: true, value: ['a', 'b'], origin: 'file' },
    {
      key: 'clockToleranceSeconds',
      isSet: true,
      value: 60,
      fileValue: 30,
      origin: 'administrator',
      by: 'a',
      at: 1,
    },
    { key: 'authPushedRequests', isSet: true, value: true, origin: 'file' },
    { key: 'authClientSecret', secret: true, isSet: true, isSetInFile: true, origin: 'file' },
  ],
};

test('a form that is sent as it was shown changes nothing', () => {
  const typed = Object.fromEntries(
    CONNECTION_FIELDS.map((field) => [
      field.key,
      fieldText(
        field,
        SHOWN.settings.find(({ key }) => key === field.key),
      ),
    ]),
  );
  assert.deepEqual(
    ['authPrompt', 'maskedClaims', 'clockToleranceSeconds', 'authPushedRequests'].map((key) => typed[key]),
    ['off', 'a; b', '60', 'true'],
  );
  assert.deepEqual(connectionEdits(PLACE, SHOWN, form(typed)), []);
});

test('only what differs is set; what was emptied leaves the file’s out or takes the administrator’s back', () => {
  assert.deepEqual(
    connectionEdits(
      PLACE,
      SHOWN,
      form({
        authScope: '',
        authAcrValues: ' ',
        clockToleranceSeconds: '',
        authPushedRequests: 'false',
        authClientId: ' c ',
        authClientSecret: ' ',
        authDecryptionKeys: 'never',
        unknown: 'x',
      }),
    ),
    [
      { kind: 'reset.connection', ...PLACE, key: 'authAcrValues' },
      {
        kind: 'connection',
        ...PLACE,
        settings: { authClientId: 'c', authPushedRequests: false },
        leaveOut: ['authScope', 'clockToleranceSeconds'],
      },
    ],
  );
});

test('a client secret is set where one is typed', () => {
  assert.deepEqual(connectionEdits(PLACE, SHOWN, form({ authClientSecret: ' new ' })), [
    { kind: 'connection', ...PLACE, settings: { authClientSecret: 'new' }, leaveOut: [] },
  ]);
});

test('rows are moved without one getting lost, and back again', () => {
  const row = fc.record({
    claim: fc.string(),
    type: fc.constantFrom('Variable', 'ChatId'),
    description: fc.string(),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), fc.nat(9), (rows, index) => {
      const down = rearranged(rows, `down.${index}`);
      assert.equal(down.length, rows.length);
      if (index < rows.length - 1) assert.deepEqual(rearranged(down, `up.${index + 1}`), rows);
      assert.deepEqual(
        rearranged(rows, `remove.${index}`),
        rows.filter((_, at) => at !== index),
      );
      const typed = new Map(
        rows.flatMap(
          ({ claim, type, description }, at) =>
            [
              [`claim.${at}`, claim],
              [`type.${at}`, type],
              [`description.${at}`, description],
            ] as const,
        ),
      );
      assert.deepEqual(
        typedRows(typed),
        rows.map((one) => ({ ...one, claim: one.claim.trim() })),
      );
    }),
  );
  assert.deepEqual(rearranged([], 'up.0'), []);
  assert.deepEqual(rearranged([], 'add'), [{ claim: '', type: 'Variable', description: '' }]);
});

test('a mapping keeps its order, and what cannot is told at its row', () => {
  const rows = rowsOf({ b: { MapType: 'Variable', Description: 'B' }, a: { MapType: 'ChatId' } });
  assert.deepEqual(Object.entries(mappingOf(rows).mapping), [
    ['b', { MapType: 'Variable', Description: 'B' }],
    ['a', { MapType: 'ChatId' }],
  ]);
  const typed = ['a', 'a', '7', '__proto__', ''].map((claim) => ({
    claim,
    type: 'Variable',
    description: claim === '' ? 'x' : '',
  }));
  const { mapping, problems } = mappingOf(typed);
  assert.deepEqual([Object.keys(mapping), [...problems.keys()]], [['a'], [1, 2, 3, 4]]);
  assert.deepEqual(mappingOf([{ claim: '', type: 'Variable', description: ' ' }]), {
    mapping: {},
    problems: new Map(),
  });
});

test('a problem finds its row, also by an odd name', () => {
  const rows = ['a', 'signicat.national_id', 'x'.repeat(60)].map((claim) => ({
    claim,
    type: '',
    description: '',
  }));
  for (const [path, row] of [
    ['customers[0].connections[0].authMapping.a', 0],
    ['customers[0].connections[0].authMapping["signicat.national_id"].MapType', 1],
    ['customers[0].connections[0].authMapping["xxxxxxxxxxxx..."]', 2],
    ['customers[0].connections[0].authMapping', undefined],
    ['customers[0].connections[0].authScope', undefined],
  ] as const)
    assert.equal(rowOfProblem(rows, { path, expected: '' }), row, path);
});

test('problems go to their fields, and the rest keeps its place', () => {
  const refusal = refusalOf(
    [
      { path: 'a.b', expected: 'one' },
      { path: 'a.b', expected: 'two', hint: 'so' },
      { path: 'c', expected: 'three', hint: 'wait, or force the change, which breaks them off' },
    ],
    ({ path }) => (path === 'a.b' ? 'b' : undefined),
  );
  assert.deepEqual(refusal, {
    fields: { b: 'Expected one. Expected two (so).' },
    others: ['c: Expected three (wait, or force the change, which breaks them off).'],
    canForce: true,
  });
});
