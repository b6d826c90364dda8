import fc from 'fast-check';
import { attack, honest, type AttackClass, type Judge } from '../attempt.ts';
import { arrived } from '../judges.ts';
import { requestBytes } from '../message.ts';

/** The queue named by a query, in spellings that some upstream understands. */
export const secondWayIn: AttackClass = {
  id: 'c12',
  name: 'second-way-in',
  needs: ['secureQuery'],
  attempts: (facts) => {
    const [name = '', value = ''] = (facts.secureQuery ?? '').split('=');
    const names = [
      name,
      name.toUpperCase(),
      name.toLowerCase(),
      `${name}[]`,
      `${name}%5B%5D`,
      encodeFirst(name),
      `+${name}`,
      `%20${name}`,
    ];
    const values = [
      value,
      value.toUpperCase(),
      `%20${value}`,
      `${value}+`,
      `${value}%20`,
      encodeFirst(value),
      `${value}%00`,
    ];
    const one = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...values)).map(([n, v]) => `${n}=${v}`);
    const other = fc.constantFrom('', 'x=1', `${name}=nobody`, `${name}[]=nobody`);
    return {
      attacks: fc
        .tuple(
          fc.constantFrom('/', '/enter', facts.openPath),
          one,
          other,
          fc.boolean(),
          fc.constantFrom('&', '&&', ';'),
        )
        .map(([path, pair, beside, first, by]) => {
          const query = (first ? [pair, beside] : [beside, pair]).filter((part) => part !== '').join(by);
          return attack(requestBytes(facts, { target: `${path}?${query}` }), namedNot(name, value));
        }),
      honest: fc.constantFrom(`${name}x=${value}`, `other=${value}`, `q=${name}`).map((query) => {
        const target = `/enter?${query}`;
        return honest(requestBytes(facts, { target }), arrived(target));
      }),
    };
  },
};

/** No request arrived whose query, read forgivingly, names the secure queue. */
function namedNot(name: string, value: string): Judge {
  return ({ requests }) => {
    for (const { target } of requests) {
      const pairs = (target.split('?')[1] ?? '').split(/[&;]/).map((pair) => pair.split('=').map(read));
      if (
        pairs.some(([n, v]) => n?.replace(/\[.*\]$/, '') === name.toLowerCase() && v === value.toLowerCase())
      )
        return `the upstream got ${target} of nobody`;
    }
    return undefined;
  };
}

function read(text: string): string {
  const decoded = text
    .replaceAll('+', ' ')
    .replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return decoded
    .replace(/\0[^]*/, '')
    .trim()
    .toLowerCase();
}

function encodeFirst(text: string): string {
  return `%${text.charCodeAt(0).toString(16)}${text.slice(1)}`;
}
