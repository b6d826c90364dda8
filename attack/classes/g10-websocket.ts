import fc from 'fast-check';
import { attack, honest, type AttackClass } from '../attempt.ts';
import { all, arrived, keptOut, nothingArrived, verified } from '../judges.ts';
import { requestBytes, UPGRADE } from '../message.ts';

/** An upgrade of nobody, and one that a foreign page opens with the browser's cookie. */
export const websocket: AttackClass = {
  id: 'g10',
  name: 'websocket',
  needs: ['cookie', 'upgrades'],
  attempts: (facts) => {
    const { securePath, openPath, origin } = facts;
    const bare = fc
      .tuple(
        fc.constantFrom(securePath, `${securePath}/more`, `${securePath}?a=1`),
        fc.constantFrom(undefined, origin),
      )
      .map(([target, from]) =>
        attack(requestBytes(facts, { target, headers: [...UPGRADE, ...originLine(from)] }), keptOut),
      );
    const foreign = fc
      .constantFrom(
        'https://evil.example',
        'null',
        `${origin}.evil.example`,
        `${origin}0`,
        'http://localhost.evil.example',
        origin.replace('http:', 'https:'),
      )
      .map((from) =>
        attack(
          requestBytes(facts, {
            target: securePath,
            cookie: true,
            headers: [...UPGRADE, ...originLine(from)],
          }),
          nothingArrived,
        ),
      );
    return {
      attacks: fc.oneof(bare, foreign),
      honest: fc.tuple(fc.boolean(), fc.constantFrom(undefined, origin)).map(([known, from]) => {
        const target = known ? securePath : openPath;
        return honest(
          requestBytes(facts, { target, cookie: known, headers: [...UPGRADE, ...originLine(from)] }),
          known ? all(arrived(target, 101), verified) : arrived(target, 101),
        );
      }),
    };
  },
};

function originLine(origin: string | undefined): (readonly [string, string])[] {
  return origin === undefined ? [] : [['Origin', origin]];
}
