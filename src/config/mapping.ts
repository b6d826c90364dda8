import { foldClaimName, isNationalIdName } from './national-id-names.ts';
import type { ConnectionOptions } from './connection-options.ts';
import type { MappingEntry } from './gateway-config.ts';
import { quoteKey, type Path, type Report } from './problems.ts';
import type { Sifted } from './shape.ts';

/** Names that the contract gives to one and the same claim. */
const NATIONAL_ID_ALIASES: ReadonlySet<string> = new Set(['national_id', 'signicat_national_id', 'nin']);

/** What the mapping of a connection is checked against. */
export interface MappingRules {
  readonly maskedClaims: readonly string[];
  readonly pseudonymizedClaims: readonly string[];
}

/**
 * `authMapping` as an ordered list. Reports names that make no header name, names whose headers would fold alike, and a
 * ChatId whose mask would make visitors indistinguishable.
 */
export function readMapping(
  mapping: Sifted<ConnectionOptions>['authMapping'],
  rules: MappingRules,
  path: Path,
  report: Report,
): MappingEntry[] {
  const entries = Object.entries(mapping ?? {}).flatMap(([claim, entry]): MappingEntry[] => {
    checkClaimName(claim, [...path, claim], report);
    if (entry?.MapType === undefined) return [];
    const headerSuffix = `Variable-${claim.replace(/[^A-Za-z0-9]+/g, '-')}`;
    return [{ claim, mapType: entry.MapType, description: entry.Description, headerSuffix }];
  });
  checkCollisions(entries, path, report);
  checkChatIds(entries, rules, path, report);
  return entries;
}

function checkClaimName(claim: string, path: Path, report: Report): void {
  if (!/[A-Za-z0-9]/.test(claim)) {
    report.problem(path, 'a claim name with at least one letter or digit (A-Z a-z 0-9)');
  }
}

/** The form in which an upstream may confuse header names: case aside, every run of other characters one `-`. */
function foldHeaderName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

function checkCollisions(entries: readonly MappingEntry[], path: Path, report: Report): void {
  const owners = new Map<string, string>();
  for (const { claim, headerSuffix } of entries.filter((entry) => entry.mapType === 'Variable')) {
    const folded = foldHeaderName(headerSuffix);
    const owner = owners.get(folded);
    if (owner === undefined) owners.set(folded, claim);
    else {
      report.problem(
        [...path, claim],
        `a header name of its own; ${quoteKey(claim)} and ${quoteKey(owner)} fold alike`,
        'map one of the two',
      );
    }
  }
}

function checkChatIds(
  entries: readonly MappingEntry[],
  rules: MappingRules,
  path: Path,
  report: Report,
): void {
  const masked = new Set(rules.maskedClaims.map(canonicalClaim));
  const pseudonymized = new Set(rules.pseudonymizedClaims.map(canonicalClaim));
  for (const { claim } of entries.filter((entry) => entry.mapType === 'ChatId')) {
    const containers = containersOf(claim);
    if (containers.some((name) => pseudonymized.has(canonicalClaim(name)))) continue;
    if (isNationalIdPart(claim) || containers.some((name) => masked.has(canonicalClaim(name)))) {
      report.problem(
        [...path, claim],
        'a claim that is not masked, since a masked ChatId is not unique',
        'map AuthUserId or sub to ChatId, or name this claim in pseudonymizedClaims',
      );
    }
  }
}

/** A dotted name and the objects it may lie in: `a.b.c`, `a.b`, `a`. */
function containersOf(claim: string): string[] {
  const segments = claim.split('.');
  return segments.map((_, index) => segments.slice(0, index + 1).join('.'));
}

/** True when a part of a dotted name is a national id's: `person.nin`, `nin.value`. */
function isNationalIdPart(claim: string): boolean {
  return containersOf(claim).some((container) => {
    const segments = container.split('.');
    return segments.some((_, index) => isNationalIdName(segments.slice(index).join('.')));
  });
}

function canonicalClaim(name: string): string {
  const folded = foldClaimName(name);
  return NATIONAL_ID_ALIASES.has(folded) ? 'national_id' : folded;
}
