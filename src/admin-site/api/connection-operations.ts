import { z } from 'zod';
import { SECRET_SETTINGS } from '../../config/overlay.ts';
import { GatewayError } from '../../errors.ts';
import { operation, type Call, type Operation } from './operation.ts';
import { change, customerOf, forceQuery } from './settings-operations.ts';
import { SHAPES } from './shapes.ts';

const PATH = '/customers/{customerKey}/connections/{authConnectionName}';
const settings = z.record(z.string(), z.unknown());

function placeOf({ params }: Call) {
  const { customerKey = '', authConnectionName = '' } = params;
  return { customerKey, authConnectionName };
}

async function connectionOf(call: Call) {
  const { customer, revision } = await customerOf(call);
  const { authConnectionName } = placeOf(call);
  const connection = customer.connections.find((one) => one.authConnectionName === authConnectionName);
  if (connection === undefined) throw new GatewayError('not_found', 'There is no such connection.');
  return { connection, revision };
}

function secretOf({ params }: Call): string {
  const { secret = '' } = params;
  if (!SECRET_SETTINGS.has(secret)) throw new GatewayError('not_found', 'There is no such secret.');
  return secret;
}

const reading: readonly Operation[] = [
  operation({
    id: 'readConnection',
    method: 'get',
    path: PATH,
    summary: 'One connection; of its secrets only whether they are set',
    answer: SHAPES.connection,
    async run(call) {
      const { connection, revision } = await connectionOf(call);
      return { document: connection, revision };
    },
  }),
  operation({
    id: 'probeConnection',
    method: 'post',
    path: `${PATH}/probe`,
    summary:
      'Does the provider accept client id and secret? `settings`, a new secret among them, are tried and not kept',
    body: z.strictObject({ settings: settings.optional() }),
    bodyOptional: true,
    answer: SHAPES.probe,
    async run(call) {
      const { body, administration } = call;
      if (body.settings === undefined) await connectionOf(call);
      return { document: await administration.probe(placeOf(call), body.settings) };
    },
  }),
  operation({
    id: 'explainClaims',
    method: 'post',
    path: `${PATH}/explain`,
    summary:
      'Which header goes where for a sample of claims, and why; `settings` are tried. Nothing of it is kept',
    role: 'viewer',
    body: z.strictObject({
      claims: settings.describe('ID token and userinfo, merged, as the provider sends them.'),
      queueKey: z.string().optional(),
      settings: settings.optional(),
    }),
    answer: SHAPES.explanation,
    async run(call) {
      const { claims, queueKey, settings: tried } = call.body;
      if (tried === undefined) await connectionOf(call);
      return { document: await call.administration.explain({ ...placeOf(call), queueKey }, claims, tried) };
    },
  }),
];

const changing: readonly Operation[] = [
  operation({
    id: 'changeConnection',
    method: 'patch',
    path: PATH,
    summary:
      'Adds the connection, or sets these settings of it; `leaveOut` names those of the file that shall not hold',
    changesSettings: true,
    query: forceQuery,
    body: z.strictObject({ settings: settings.optional(), leaveOut: z.array(z.string()).optional() }),
    answer: SHAPES.changed,
    run: (call) => change(call, [{ kind: 'connection', ...placeOf(call), ...call.body }]),
  }),
  operation({
    id: 'removeConnection',
    method: 'delete',
    path: PATH,
    summary: 'Takes the connection away, also one of the file, until it is reset',
    changesSettings: true,
    query: forceQuery,
    answer: SHAPES.changed,
    run: (call) => change(call, [{ kind: 'connection.remove', ...placeOf(call) }]),
  }),
  operation({
    id: 'resetConnection',
    method: 'post',
    path: `${PATH}/reset`,
    summary: 'Back to what the file says of this connection, or of one setting (`key`) of it',
    changesSettings: true,
    query: forceQuery,
    body: z.strictObject({ key: z.string().optional() }),
    bodyOptional: true,
    answer: SHAPES.changed,
    run: (call) => change(call, [{ kind: 'reset.connection', ...placeOf(call), ...call.body }]),
  }),
  operation({
    id: 'putMapping',
    method: 'put',
    path: `${PATH}/mapping`,
    summary: 'Sets which claims reach the agent and how, in this order: `authMapping` of the configuration',
    changesSettings: true,
    query: forceQuery,
    body: z.strictObject({ authMapping: settings }),
    answer: SHAPES.changed,
    run: (call) => change(call, [{ kind: 'connection', ...placeOf(call), settings: call.body }]),
  }),
];

const secrets: readonly Operation[] = [
  operation({
    id: 'putSecret',
    method: 'put',
    path: `${PATH}/secrets/{secret}`,
    summary: 'Sets `authClientSecret`, `authDecryptionKeys` or `authRequestSigningKey`; it can never be read',
    changesSettings: true,
    query: forceQuery,
    body: z.strictObject({
      value: z
        .union([z.string().min(1), z.array(z.looseObject({})), z.looseObject({})])
        .describe('A text, or private JWKs as the configuration takes them.'),
    }),
    async run(call) {
      const edit = { kind: 'connection' as const, ...placeOf(call) };
      const { revision } = await change(call, [{ ...edit, settings: { [secretOf(call)]: call.body.value } }]);
      return revision === undefined ? {} : { revision };
    },
  }),
  operation({
    id: 'removeSecret',
    method: 'delete',
    path: `${PATH}/secrets/{secret}`,
    summary: 'The connection has no such secret any more, also where the file has one',
    changesSettings: true,
    query: forceQuery,
    async run(call) {
      const edit = { kind: 'connection' as const, ...placeOf(call) };
      const { revision } = await change(call, [{ ...edit, leaveOut: [secretOf(call)] }]);
      return revision === undefined ? {} : { revision };
    },
  }),
];

/** Connections, their secrets and their mapping. */
export const connectionOperations: readonly Operation[] = [...reading, ...changing, ...secrets];
