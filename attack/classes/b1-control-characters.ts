import fc from 'fast-check';
import { attack, honest, type AttackClass, type Judge } from '../attempt.ts';
import { suffix } from '../generators/names.ts';
import { places } from '../generators/places.ts';
import { all, arrived, arrivedWith, FORGED, noForgery, noIdentity } from '../judges.ts';
import { requestBytes } from '../message.ts';
import { partsAt } from './header-wall.ts';

const BREAKS = [
  '\r',
  '\n',
  '\r\n ',
  '\n\t',
  '\0',
  '\x0b',
  '\x0c',
  '\x85',
  '\r\r',
  '\n\n',
  '%0d%0a',
  '\\r\\n',
  '\xe2\x80\xa8',
];

/** Line breaks of every kind inside a value or an address split off no header of their own. */
export const controlCharacters: AttackClass = {
  id: 'b1',
  name: 'control-characters',
  attempts: (facts) => {
    const split = fc
      .tuple(fc.constantFrom(...BREAKS), suffix)
      .map(([end, name]) => `a${end}${facts.prefix}${name}: ${FORGED}`);
    const inHeader = fc
      .tuple(places(facts), fc.constantFrom('X-Note', 'User-Agent', 'Cookie', 'Accept-Language'), split)
      .map(([place, name, value]) =>
        attack(
          requestBytes(facts, partsAt(place, [[name, value]])),
          all(place.known ? noForgery : noIdentity, onlyOne),
        ),
      );
    const inAddress = split.map((text) =>
      attack(
        requestBytes(facts, { target: `${facts.openPath}/${text.replaceAll(' ', '%20')}` }),
        all(noIdentity, onlyOne),
      ),
    );
    return {
      attacks: fc.oneof({ weight: 3, arbitrary: inHeader }, { weight: 1, arbitrary: inAddress }),
      honest: fc
        .stringMatching(/^[a-z]{1,5}(?:\t| |%0d%0a|\xe5|\xc3\xa5)[a-z]{1,5}$/)
        .map((value) =>
          honest(
            requestBytes(facts, { target: facts.openPath, headers: [['X-Note', value]] }),
            all(arrived(facts.openPath), arrivedWith([['X-Note', value]])),
          ),
        ),
    };
  },
};

const onlyOne: Judge = ({ requests }) =>
  requests.length > 1 ? `the upstream got ${requests.length} requests` : undefined;
