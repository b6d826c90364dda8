import { claimClass, isNationalIdPath, isSameOrWithin } from '../claims/names.ts';
import type { Variable } from '../claims/identity-types.ts';
import type { Connection } from '../config/gateway-config.ts';
import { GatewayError } from '../errors.ts';
import { foldLeniently } from '../queues/fold-leniently.ts';
import { itemsAt, membersAt, withParts, type TextPart, type TextSpan } from './json-text.ts';
import type { VerifiedVisitor } from './puzzel-v1-bodies.ts';
import { asciiJson, kindAt, namedMembers, textAt } from './puzzel-v1-text.ts';

const NATIONAL_ID = ['national_id', 'signicat.national_id', 'nin'];

/**
 * The text of `intro` with the visitor's variables in it, each under its Description or else its claim's name. What the
 * client says under the name, an alias or the Description of any mapped claim is taken out, in every spelling. Variables
 * of the client's own stay as they are, their `secret` flag too; the gateway's are secret where the claim is masked.
 *
 * @param intro Where it stands in `text`; undefined when it is absent.
 * @returns undefined when there is nothing to say and nothing was said.
 * @throws GatewayError `request_malformed` for variables of another shape.
 */
export function withVariables(
  text: string,
  intro: TextSpan | undefined,
  visitor: VerifiedVisitor,
): string | undefined {
  const ours = namesFor(visitor.identity.variables);
  if (intro === undefined || kindAt(text, intro) === 'null')
    return ours.length === 0 ? undefined : `{"variables":${asObject(ours)}}`;
  if (kindAt(text, intro) !== 'object') throw malformed('"intro" has to be an object');
  const member = namedMembers(text, intro, ['variables']).get('variables');
  const written = variablesText(text, member?.value, ours, visitor.connection);
  const parts = membersAt(text, intro).map((part): TextPart => {
    const place = { start: part.start, end: part.value.end };
    if (part.start !== member?.start || written === undefined) return place;
    return { ...place, text: text.slice(part.start, part.value.start) + written };
  });
  const added = member === undefined && written !== undefined ? [`"variables":${written}`] : [];
  return withParts(text, intro, parts, added);
}

/** A variable with the name that the agent sees. */
interface NamedVariable extends Variable {
  readonly shownAs: string;
}

/** Two claims of one Description: the second is told by its claim's name. */
function namesFor(variables: readonly Variable[]): NamedVariable[] {
  const taken = new Set<string>();
  return variables.map((variable) => {
    const { name, description = name } = variable;
    const shownAs = description.trim() === '' || taken.has(foldVariable(description)) ? name : description;
    taken.add(foldVariable(shownAs));
    return { ...variable, shownAs };
  });
}

function variablesText(
  text: string,
  span: TextSpan | undefined,
  ours: readonly NamedVariable[],
  connection: Connection,
): string | undefined {
  const kind = span === undefined ? 'null' : kindAt(text, span);
  if (span === undefined || kind === 'null') return ours.length === 0 ? undefined : asObject(ours);
  const covered = coveredNames(connection);
  if (kind === 'object') {
    const parts = objectParts(text, span, covered);
    return withParts(
      text,
      span,
      parts,
      ours.map(({ shownAs, value }) => `${asciiJson(shownAs)}:${asciiJson(value)}`),
    );
  }
  if (kind !== 'array') throw malformed('"variables" has to be an object or a list');
  return withParts(
    text,
    span,
    listParts(text, span, covered),
    ours.map((variable) => asEntry(variable, connection)),
  );
}

function objectParts(text: string, span: TextSpan, covered: ReadonlySet<string>): TextPart[] {
  const seen = new Set<string>();
  return membersAt(text, span).map(({ name, start, value }) => {
    if (seen.has(name)) throw malformed('a variable is there twice');
    seen.add(name);
    return { start, end: value.end, gone: covered.has(foldVariable(name)) };
  });
}

function listParts(text: string, span: TextSpan, covered: ReadonlySet<string>): TextPart[] {
  return itemsAt(text, span).map((item) => {
    if (kindAt(text, item) !== 'object') throw malformed('a variable in a list has to be an object');
    const members = namedMembers(text, item, ['name', 'value', 'secret']);
    const name = members.get('name');
    const shown = name && textAt(text, name.value, 'name');
    if (shown === undefined) throw malformed('a variable in a list has to have a name');
    return { ...item, gone: covered.has(foldVariable(shown)) };
  });
}

function asObject(ours: readonly NamedVariable[]): string {
  return `{${ours.map(({ shownAs, value }) => `${asciiJson(shownAs)}:${asciiJson(value)}`).join(',')}}`;
}

function asEntry({ name, shownAs, value }: NamedVariable, connection: Connection): string {
  const secret =
    isNationalIdPath(name) || connection.maskedClaims.some((masked) => isSameOrWithin(masked, name));
  return `{"name":${asciiJson(shownAs)},"value":${asciiJson(value)},"secret":${asciiJson(secret)}}`;
}

/** Folded names under which the client may say nothing: those of all mapped claims, whatever they are mapped to. */
function coveredNames({ mapping }: Connection): ReadonlySet<string> {
  const names = mapping.flatMap(({ claim, description }) => [
    claim,
    ...(claimClass(claim) === 'national_id' ? NATIONAL_ID : []),
    ...(description === undefined ? [] : [description]),
  ]);
  return new Set(names.map(foldVariable));
}

/** Letters and digits alone, folded: what an agent takes for the same name. */
function foldVariable(name: string): string {
  const folded = foldLeniently(name);
  return folded.replace(/[^\p{L}\p{N}]/gu, '') || folded.trim();
}

function malformed(what: string): GatewayError {
  return new GatewayError('request_malformed', `The variables cannot be read: ${what}.`);
}
