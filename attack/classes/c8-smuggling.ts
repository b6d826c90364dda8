import fc from 'fast-check';
import { attack, honest, type AttackClass, type Judge } from '../attempt.ts';
import type { Facts } from '../facts.ts';
import { all, arrived } from '../judges.ts';
import { chunked, requestBytes } from '../message.ts';

type Framing = (inner: string) => { readonly headers: [string, string][]; readonly body: string };

const CODINGS = [
  'chunked',
  'Chunked',
  'xchunked',
  'chunked, identity',
  'identity, chunked',
  '"chunked"',
  'chunked\x0b',
  ' chunked',
  'gzip, chunked',
];

/** Ways to frame a body that two readers end at different places. */
const FRAMINGS: readonly Framing[] = [
  ...CODINGS.flatMap((coding): Framing[] => [
    (inner) =>
      framed(
        [
          ['Content-Length', String(chunked('').length + inner.length)],
          ['Transfer-Encoding', coding],
        ],
        chunked('') + inner,
      ),
    (inner) =>
      framed(
        [
          ['Transfer-Encoding', coding],
          ['Content-Length', '4'],
        ],
        chunked(inner),
      ),
    (inner) => framed([['Transfer-Encoding', coding]], chunked(inner)),
  ]),
  (inner) =>
    framed(
      [
        ['Transfer-Encoding', 'chunked'],
        ['Connection', 'Transfer-Encoding, close'],
      ],
      chunked(inner),
    ),
  (inner) =>
    framed(
      [
        ['Transfer-Encoding', 'chunked'],
        ['Connection', 'Transfer-Encoding, upgrade'],
        ['Upgrade', 'x'],
      ],
      chunked(inner),
    ),
  (inner) =>
    framed(
      [
        ['Transfer-Encoding', 'chunked'],
        ['Transfer-Encoding', 'identity'],
      ],
      chunked(inner),
    ),
  (inner) =>
    framed(
      [
        ['Transfer_Encoding', 'chunked'],
        ['Content-Length', String(chunked(inner).length)],
      ],
      chunked(inner),
    ),
  (inner) => framed([['Transfer-Encoding ', 'chunked']], chunked(inner)),
  (inner) => framed([['X', 'y\nTransfer-Encoding: chunked']], chunked(inner)),
  (inner) => framed([['X', 'y\r\n Transfer-Encoding: chunked']], chunked(inner)),
  (inner) =>
    framed(
      [
        ['Content-Length', '0'],
        ['Content-Length', String(inner.length)],
      ],
      inner,
    ),
  (inner) =>
    framed(
      [
        ['Content-Length', String(inner.length)],
        ['Content-Length', '0'],
      ],
      inner,
    ),
  (inner) => framed([['Content-Length', `0, ${inner.length}`]], inner),
  (inner) => framed([['Content-Length', `+${inner.length}`]], inner),
  (inner) => framed([['Content-Length', `0x${inner.length.toString(16)}`]], inner),
  (inner) =>
    framed(
      [
        ['Content_Length', '0'],
        ['Content-Length', String(inner.length)],
      ],
      inner,
    ),
  (inner) =>
    framed(
      [
        ['Content-Length', String(inner.length)],
        ['Connection', 'Content-Length, close'],
      ],
      inner,
    ),
  (inner) =>
    framed(
      [['Transfer-Encoding', 'chunked']],
      `${inner.length.toString(16)};a="\n"\r\n${inner}\r\n0\r\n\r\n`,
    ),
  (inner) => framed([['Transfer-Encoding', 'chunked']], `${inner.length.toString(16)}\n${inner}\n0\n\n`),
];

/** One request that another server could read as two. */
export const smuggling: AttackClass = {
  id: 'c8',
  name: 'smuggling',
  attempts: (facts) => ({
    attacks: fc
      .tuple(
        fc.constantFrom(...FRAMINGS),
        fc.constantFrom('POST', 'PUT', 'DELETE', 'OPTIONS', 'GET', 'PATCH'),
      )
      .map(([framing, method]) => {
        const { headers, body } = framing(innerRequest(facts));
        return attack(requestBytes(facts, { method, target: facts.openPath, headers, body }), onlyOne, {
          deadlineMs: 250,
          settleMs: 15,
        });
      }),
    share: 0.5,
    honest: fc
      .tuple(
        fc.constantFrom('POST', 'PUT', 'DELETE', 'PATCH'),
        fc.boolean(),
        fc.stringMatching(/^[a-z ]{1,30}$/),
      )
      .map(([method, coded, text]) =>
        honest(
          requestBytes(facts, {
            method,
            target: facts.openPath,
            ...(coded
              ? { headers: [['Transfer-Encoding', 'chunked']], body: chunked(text) }
              : { body: text }),
          }),
          all(arrived(facts.openPath), ({ requests: [request] }) =>
            request?.body === text ? undefined : 'the body changed',
          ),
        ),
      ),
  }),
};

function framed(headers: [string, string][], body: string): ReturnType<Framing> {
  return { headers, body };
}

function innerRequest(facts: Facts): string {
  return `GET /smuggled HTTP/1.1\r\nHost: upstream\r\n${facts.prefix}Id: smuggled\r\n\r\n`;
}

const onlyOne: Judge = ({ requests }) => {
  const inner = requests.find(({ target }) => target.includes('smuggled'));
  if (inner !== undefined) return `the upstream got ${inner.method} ${inner.target} as a request of its own`;
  return requests.length > 1 ? `the upstream got ${requests.length} requests` : undefined;
};
