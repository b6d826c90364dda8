import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inEveryFace, kari } from '../support/system.ts';
import { Desk, hiddenOf, shownOf, valueOf } from './pages-rig.ts';
import { startAdministered } from './rig.ts';

const MAPPING = '/mapping?customerKey=12345&authConnectionName=Signicat';

inEveryFace('the mapping is edited by buttons, tried on a sample, and only then saved', async (t, face) => {
  const system = await startAdministered(t, { face });
  const desk = new Desk(system.url, system.browser());
  await desk.signIn();
  const rowsOf = (html: string) =>
    [...html.matchAll(/id="claim\.\d+" name="claim\.\d+" value="([^"]*)"/g)].map(([, claim]) => claim);
  const typesOf = (html: string) =>
    [...html.matchAll(/<select id="(type\.\d+)"[^]*?<option value="(\w+)" selected/g)].map(
      ([, name, type]) => [name, type],
    );
  const formOf = (html: string) => ({
    ...hiddenOf(html),
    ...Object.fromEntries(rowsOf(html).map((claim, index) => [`claim.${index}`, claim!])),
    ...(Object.fromEntries(typesOf(html)) as Record<string, string>),
    ...Object.fromEntries(
      [...html.matchAll(/id="(description\.\d+)" name="[^"]*" value="([^"]*)"/g)].map(([, name, value]) => [
        name!,
        value!,
      ]),
    ),
  });
  let page = await desk.open(MAPPING);
  assert.deepEqual(rowsOf(page.body), [
    'AuthProvider',
    'AuthUserId',
    'national_id',
    'given_name',
    'name',
    'birthdate',
  ]);
  page = await desk.post(MAPPING, { ...formOf(page.body), do: 'up.4' });
  page = await desk.post(MAPPING, { ...formOf(page.body), do: 'remove.5' });
  page = await desk.post(MAPPING, { ...formOf(page.body), do: 'add' });
  assert.deepEqual(rowsOf(page.body), [
    'AuthProvider',
    'AuthUserId',
    'national_id',
    'name',
    'given_name',
    '',
  ]);
  const sample = JSON.stringify({ ...kari, email: 'kari@example.no' });
  page = await desk.post(MAPPING, {
    ...formOf(page.body),
    'claim.5': 'email',
    'description.5': 'E-post',
    sample,
    do: 'preview',
  });
  const text = shownOf(page.body.replace(/<textarea[^]*?<\/textarea>/, ''));
  assert.match(text, /X-Secure-Chat-Variable-email kari@example\.no/);
  assert.match(text, /X-Secure-Chat-Variable-national-id 170290\*{5} masked/);
  assert.doesNotMatch(text, /17029012345/);
  assert.match(text, /Nothing is made of: .*birthdate/);
  const saved = await desk.post(MAPPING, { ...formOf(page.body), do: 'save' });
  assert.equal(saved.status, 303, saved.body);
  const mapping = (await system.gateway.administration!.read()).customers[0]!.connections[0]!.settings.find(
    ({ key }) => key === 'authMapping',
  );
  assert.deepEqual(Object.entries((mapping as { value: Record<string, unknown> }).value), [
    ['AuthProvider', { MapType: 'Variable', Description: 'Authentication' }],
    ['AuthUserId', { MapType: 'ChatId', Description: 'Name' }],
    ['national_id', { MapType: 'Variable', Description: 'Personnummer' }],
    ['name', { MapType: 'Variable', Description: 'Name' }],
    ['given_name', { MapType: 'NickName' }],
    ['email', { MapType: 'Variable', Description: 'E-post' }],
  ]);
  page = await desk.open(MAPPING);
  const wrong = await desk.post(MAPPING, {
    ...formOf(page.body),
    'claim.5': 'nin',
    'type.5': 'ChatId',
    do: 'save',
  });
  assert.equal(wrong.status, 422);
  assert.match(shownOf(wrong.body), /Row 6: Expected a claim that is not masked/);
  assert.match(wrong.body, /id="row\.5"/);
  assert.doesNotMatch(
    JSON.stringify([system.log, await system.gateway.administration!.read()]),
    /17029012345|kari@example/,
  );
});

test('the file’s form of a mapping keeps its order in the editor, whatever its names', async (t) => {
  const authMapping = {
    'signicat.national_id': { MapType: 'Variable' },
    'https://x.example/y': { MapType: 'Variable', Description: '<b>"&\'' },
  };
  const { url, browser } = await startAdministered(t, { connection: { authMapping } });
  const desk = new Desk(url, browser());
  await desk.signIn();
  const { body } = await desk.open(MAPPING);
  assert.equal(valueOf(body, 'claim.0'), 'signicat.national_id');
  assert.equal(valueOf(body, 'claim.1'), 'https://x.example/y');
  assert.equal(valueOf(body, 'description.1'), '<b>"&\'');
});
