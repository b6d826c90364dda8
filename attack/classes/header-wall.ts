import fc, { type Arbitrary } from 'fast-check';
import { attack, honest, type Attempt, type Judge } from '../attempt.ts';
import type { Facts } from '../facts.ts';
import { lookAlikes, plainValue } from '../generators/names.ts';
import type { Place } from '../generators/places.ts';
import { all, arrived, arrivedWith, FORGED, noForgery, noIdentity, verified } from '../judges.ts';
import { requestBytes, type RequestParts } from '../message.ts';

type Lines = readonly (readonly [string, string])[];

/** The place's request with these lines more; a body where the method has one. */
export function partsAt({ parts }: Place, lines: Lines): RequestParts {
  const body = /^(?:POST|PUT|PATCH)$/.test(parts.method ?? '') ? { body: 'x=1' } : {};
  return { ...parts, ...body, headers: [...(parts.headers ?? []), ...lines] };
}

/** Sends forged lines to a place: nothing forged arrives, nothing at all of nobody, and ours when somebody. */
export function forgeAt(facts: Facts, place: Place, lines: Lines): Attempt {
  const judge: Judge = place.known ? all(noForgery, verified) : noIdentity;
  return attack(requestBytes(facts, partsAt(place, lines)), judge);
}

/** Requests with headers that only resemble identity headers. */
export function resembling(facts: Facts): Arbitrary<Attempt> {
  return fc
    .tuple(lookAlikes(facts.prefix), plainValue)
    .map(([name, value]) =>
      honest(
        requestBytes(facts, { target: facts.openPath, headers: [[name, value]] }),
        all(arrived(facts.openPath), arrivedWith([[name, value]])),
      ),
    );
}

/** A value that says whose it is. */
export const forgedValue: Arbitrary<string> = fc.nat(9999).map((number) => `${FORGED}-${number}`);
