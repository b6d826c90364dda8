import type { Judge } from './attempt.ts';
import type { Facts } from './facts.ts';
import { fold } from './fold.ts';
import { namesPath } from './lenient-paths.ts';
import type { Seen } from './rig.ts';

/** Part of every value that an attack forges. */
export const FORGED = 'forged';

/** Looks in order; the first that finds something speaks. */
export function all(...judges: readonly Judge[]): Judge {
  return (seen, facts) => {
    for (const judge of judges) {
      const found = judge(seen, facts);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** No header, not even in a trailer, that folds to the prefix and carries what the client wrote. */
export const noForgery: Judge = (seen, facts) => {
  for (const { headers, trailers } of seen.requests) {
    const found = [...headers, ...trailers].find(
      ([name, value]) => isIdentity(name, facts) && value.includes(FORGED),
    );
    if (found !== undefined) return `the upstream got ${found[0]}: ${found[1]}`;
  }
  return undefined;
};

/** Nothing at all that folds to the prefix: the request was nobody's. */
export const noIdentity: Judge = (seen, facts) => {
  const found = seen.requests.flatMap(({ headers, trailers }) => [...headers, ...trailers]);
  const header = found.find(([name]) => isIdentity(name, facts));
  return header && `the upstream got ${header[0]}: ${header[1]}`;
};

/** Every verified header arrives exactly once under any spelling, with its value. */
export const verified: Judge = (seen, facts) => {
  for (const { headers } of seen.requests) {
    for (const [name, value] of facts.expected) {
      const same = headers.filter(([other]) => fold(other) === fold(name));
      if (same.length !== 1) return `the upstream got ${same.length} lines of ${name}`;
      if (same[0]?.[1] !== value) return `the upstream got ${name} with another value`;
    }
  }
  return undefined;
};

/** No request arrived that a forgiving server takes for the secure path. */
export const keptOut: Judge = (seen, facts) => {
  const found = seen.requests.find(({ target }) => namesPath(target, facts.securePath));
  return found && `the upstream got ${found.method} ${found.target} of nobody`;
};

/** Nothing arrived. */
export const nothingArrived: Judge = ({ requests: [first] }) =>
  first && `the upstream got ${first.method} ${first.target}`;

/** The target answered, and did not fail itself. */
export const noFailure: Judge = ({ answers: [first] }) => {
  if (first === undefined) return 'no answer';
  return first.status >= 500 ? `answered ${first.status}` : undefined;
};

/** Exactly one request arrived, to this address, and the client got its answer. */
export function arrived(target: string, status = 200): Judge {
  return (seen) => {
    const got = seen.answers[0]?.status;
    if (seen.requests.length !== 1)
      return `answered ${got ?? 'nothing'}, ${seen.requests.length} requests arrived`;
    if (seen.requests[0]?.target !== target) return `arrived as ${seen.requests[0]?.target}`;
    return got === status ? undefined : `answered ${got ?? 'nothing'}`;
  };
}

/** These headers arrived, each exactly once and byte for byte. */
export function arrivedWith(headers: readonly (readonly [string, string])[]): Judge {
  return ({ requests: [request] }) => {
    for (const [name, value] of headers) {
      const same = request?.headers.filter(([other]) => other.toLowerCase() === name.toLowerCase()) ?? [];
      if (same.length !== 1 || same[0]?.[1] !== value) return `${name} did not arrive as it was`;
    }
    return undefined;
  };
}

/** True for names that fold to the prefix. */
export function isIdentity(name: string, facts: Facts): boolean {
  return fold(name).startsWith(fold(facts.prefix));
}

/** The status of the first answer; 0 without one. */
export function statusOf(seen: Seen): number {
  return seen.answers[0]?.status ?? 0;
}
