import fc from 'fast-check';
import { attack, honest, type AttackClass } from '../attempt.ts';
import { all, arrived, keptOut } from '../judges.ts';
import { requestBytes } from '../message.ts';

/** An open path behind `?`, `#` or their escapes makes no secure path open. */
export const queryAsPath: AttackClass = {
  id: 'c1',
  name: 'query-as-path',
  attempts: ({ securePath, openPath, ...rest }) => {
    const facts = { securePath, openPath, ...rest };
    const mark = fc.constantFrom('?', '?x=', '?/..', '#', '%23', '%3f', '%3F', '?a=b#', '&', '?%2e%2e/');
    const more = fc.constantFrom('', '/../..', '%2f..%2f..', '&skip=1', '.css', '/healthz');
    return {
      attacks: fc
        .tuple(fc.constantFrom('GET', 'POST', 'OPTIONS'), mark, more, fc.boolean())
        .map(([method, by, end, swapped]) =>
          attack(
            requestBytes(facts, {
              method,
              target: swapped ? `${securePath}${by}${end}${openPath}` : `${securePath}${by}${openPath}${end}`,
            }),
            keptOut,
          ),
        ),
      honest: fc.constantFrom('x', 'next', 'path').map((name) => {
        const target = `${openPath}?${name}=${securePath}`;
        return honest(requestBytes(facts, { target }), all(arrived(target)));
      }),
    };
  },
};
