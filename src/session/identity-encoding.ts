import type { Identity, Variable } from '../claims/identity-types.ts';
import type { IdentityRecord } from './browser-records-types.ts';

/** Of a variable: name, value, description. */
type StoredVariable = readonly [string, string, (string | null)?];

/** An identity as it is stored: by position, since each of its names would be kept once for every browser. */
export type StoredIdentityFields = readonly [
  version: 1,
  subject: string,
  authUserId: string,
  chatId: string | null,
  nickName: string | null,
  variables: readonly StoredVariable[],
  acr: string | null,
  amr: readonly string[],
  authTime: number | null,
  verifiedAt: number,
  masking: string | null,
  queues: readonly string[],
];

/** Without connection and end, which the record's name and its own life say. */
export function encodeIdentity({
  identity,
  verifiedAt,
  masking,
  queues,
}: IdentityRecord): StoredIdentityFields {
  const { subject, authUserId, chatId, nickName, variables, acr, amr, authTime } = identity;
  return [
    1,
    subject,
    authUserId,
    chatId ?? null,
    nickName ?? null,
    variables.map(({ name, value, description }) =>
      description === undefined ? [name, value] : [name, value, description],
    ),
    acr ?? null,
    amr,
    authTime ?? null,
    verifiedAt,
    masking ?? null,
    queues,
  ];
}

/**
 * What `encodeIdentity` was given; undefined for what another release has stored.
 *
 * @param stored a value that this gateway has sealed
 */
export function decodeIdentity(
  stored: unknown,
  { connectionId, expiresAt }: Pick<IdentityRecord, 'connectionId' | 'expiresAt'>,
): IdentityRecord | undefined {
  if (!isStored(stored)) return undefined;
  const [
    ,
    subject,
    authUserId,
    chatId,
    nickName,
    variables,
    acr,
    amr,
    authTime,
    verifiedAt,
    masking,
    queues,
  ] = stored;
  const identity: Identity = {
    chatId: chatId ?? undefined,
    nickName: nickName ?? undefined,
    variables: variables.map(variableOf),
    acr: acr ?? undefined,
    amr,
    authTime: authTime ?? undefined,
    subject,
    authUserId,
  };
  const record = { identity, connectionId, verifiedAt, expiresAt, queues };
  return masking === null ? record : { ...record, masking };
}

function variableOf([name, value, description]: StoredVariable): Variable {
  return { name, description: description ?? undefined, value };
}

function isStored(value: unknown): value is StoredIdentityFields {
  return Array.isArray(value) && value[0] === 1;
}
