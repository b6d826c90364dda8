import fc from 'fast-check';
import { createLenientReader } from './lenient-addresses.ts';

/** Rules of the generated addresses' site, as options: by path, by a fixed path, and by two query parameters. */
export const SITE_RULES = [
  { path: '/queues/:queueKey{/*rest}' },
  { path: '/vip{/*rest}', queueKey: 'q_vip' },
  { query: 'queueKey' },
  { query: 'queue_key' },
];

/** The secure queues that the most lenient server could come to by a target, under `SITE_RULES`. */
export const secureQueuesReached = createLenientReader({
  queueOfPath: ([first, second]) => (first === 'vip' ? 'q_vip' : first === 'queues' ? second : undefined),
  parameters: ['queuekey', 'queue_key'],
  secureKeys: ['q_bank', 'q_vip'],
});

type Mutation = (target: string, at: number) => string;

const STARTS = [
  '/queues/q_bank',
  '/queues/q_bank/messages',
  '/vip',
  '/vip/a/b',
  '/queues/q_open',
  '/queues/q_open?x=y',
  '/x',
  '/enter?queueKey=q_bank',
  '/?x=1&queueKey=q_bank',
  '/x?queue_key=q_vip',
  '/x?a=b&queueKey=q_open',
] as const;

/** What stands between, before or behind: separators, dot segments, blanks, ends, stream names, cookieless sessions. */
const PIECES = [
  '/x/..',
  '/.',
  '/%2e',
  '/x/%2e%2e',
  '/x/.%2E',
  '/..',
  '/',
  '\\',
  '%5c',
  '%255c',
  '%2f',
  '%252F',
  '%u2215',
  '%c0%af',
  '%e0%80%af',
  ';',
  ';a=b',
  '%3ba',
  '.',
  '%2e',
  '%20',
  '+',
  '%00',
  '%00x',
  '%09',
  '%0d%0a',
  '%C2%A0',
  '%E2%80%8B',
  '%CC%81',
  '%ff',
  '%',
  '%u',
  '.json',
  '%3F',
  '%3Fx',
  '%EF%BC%9F',
  '%23',
  '(S(x))/',
  '::$DATA',
  '%EF%BC%8F',
  '%E2%80%A5',
  '?',
  '?x',
  '&',
  '&amp;',
  '%26',
  '=',
  '%3D',
  ',',
  '#',
  '[',
  ']',
  '[]',
  '[0]',
  '%5B%5D',
  'x',
  '0',
] as const;

/** A second or another place for the queue. */
const ADDITIONS = [
  'queueKey=q_bank',
  'queueKey=q_open',
  'QUEUEKEY[]=q_bank',
  'queue.key=q_vip',
  'queue[key=q_bank',
  '%2571ueueKey=q_bank',
  '%u0071ueueKey=q_vip',
  'queueKey=x,q_bank',
  'x=y',
].flatMap((pair) => ['?', '&', ';', '%3F', '%EF%BC%9F', '%26', '/;'].map((mark) => mark + pair));

const MUTATIONS: readonly Mutation[] = [
  ...[
    (character: string) => escape(character),
    (character: string) => escape(character).toUpperCase(),
    (character: string) => escape(character).replace('%', '%25'),
    (character: string) => escape(character).replace('%', '%2525'),
    (character: string) => `%u00${escape(character).slice(1)}`,
    (character: string) => `%u${(character.charCodeAt(0) + 0xfee0).toString(16)}`,
    (character: string) => encodeURIComponent(String.fromCharCode(character.charCodeAt(0) + 0xfee0)),
    (character: string) => overlong(character.charCodeAt(0)),
    (character: string) =>
      overlong(character.charCodeAt(0))
        .replace('%c', '%e0%8')
        .replace(/^(%e0%8\w)/, '$1'),
    (character: string) => character.toUpperCase(),
    (character: string) => `${character}%CC%81`,
    () => '',
  ].map((change): Mutation => (target, at) => {
    const character = target.charAt(at);
    return (
      target.slice(0, at) + (/[!-~]/.test(character) ? change(character) : character) + target.slice(at + 1)
    );
  }),
  ...PIECES.flatMap((piece): Mutation[] => [
    (target, at) => target.slice(0, at) + piece + target.slice(at),
    (target, at) => {
      const end = target.slice(at).search(/[/?&=]/);
      return end < 0 ? target + piece : target.slice(0, at + end) + piece + target.slice(at + end);
    },
    (target) => target + piece,
  ]),
  ...ADDITIONS.map(
    (text): Mutation =>
      (target) =>
        target + text,
  ),
];

function escape(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** Two bytes where one is due. */
function overlong(code: number): string {
  return `%${(0xc0 | (code >> 6)).toString(16)}%${(0x80 | (code & 63)).toString(16)}`;
}

/** Addresses of secure, open and no queues after one to four of an attacker's changes. */
export const mutatedTargets: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(...STARTS),
    fc.array(fc.tuple(fc.constantFrom(...MUTATIONS), fc.nat({ max: 40 })), { minLength: 1, maxLength: 4 }),
  )
  .map(([start, steps]) =>
    steps.reduce<string>((target, [mutate, at]) => mutate(target, at % Math.max(1, target.length)), start),
  )
  .map((target) => (target.startsWith('/') ? target : `/${target}`));

const letters = (alphabet: string, minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...Array.from(alphabet)), { minLength, maxLength })
    .map((characters) => characters.join(''));

const token = letters('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_', 1, 24);
const word = letters("abcdefghijklmnopqrstuvwxyzæøåäöéł ÆØÅ€漢字日本éü\u05d0\u0627😀!'()*-_.~", 1, 12).filter(
  (text) => !/[. ]$|^[. ]+$|^\(.{1,3}\(/u.test(text),
);
const digits = letters('0123456789', 1, 13);
const component = word.map(encodeURIComponent);
const queue = fc.constantFrom('q_open', 'q_other', 'Q_OPEN', '12345', 'Kundeservice');

/** What is in the values of a widget's queries: tokens, JSON, times, addresses with queries of their own. */
const value = fc.oneof(
  token,
  component,
  digits,
  fc.webUrl({ withQueryParameters: true, withFragments: true }).map(encodeURIComponent),
  fc.constantFrom(
    '%5B%7B%22name%22%3A%22chathub%22%7D%5D',
    'https%3A%2F%2Fwww.bank.example%2F%3FqueueKey%3Dq_bank%26x%3D1',
    'a+b%2Bc',
    'YWJj+/==',
    '2026-11-22T10:00:00.000+01:00',
    'nb-NO,nb;q=0.9',
    '%25C3%25A5',
    '../x',
    '/queues/q_bank',
    "it's",
    '',
  ),
);
const parameter = fc
  .tuple(
    fc
      .oneof(
        token,
        fc.constantFrom(
          'languageCode',
          't',
          'EIO',
          'ids[]',
          'filter[name]',
          'x.y',
          'queueKeyName',
          'myQueueKey',
          '_',
        ),
      )
      .filter((name) => !/^(?:queuekey|queue_key)$/i.test(name)),
    value,
  )
  .map(([name, text]) => `${name}=${text}`);
const query = fc
  .array(parameter, { maxLength: 5 })
  .map((pairs) => (pairs.length === 0 ? '' : `?${pairs.join('&')}`));

/** Addresses as chat pages, widgets and their transports ask for them; none is for a secure queue of `SITE_RULES`. */
export const honestTargets: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(queue, token, query).map(([key, id, rest]) => `/queues/${key}/sessions/${id}/messages${rest}`),
  fc
    .tuple(queue, fc.constantFrom('queueKey', 'QUEUEKEY'), query)
    .map(([key, name, rest]) => `/enter${rest === '' ? '?' : `${rest}&`}${name}=${key}`),
  fc.tuple(token, digits).map(([sid, t]) => `/socket.io/?EIO=4&transport=polling&t=${t}.0&sid=${sid}`),
  fc.tuple(digits, token).map(([server, session]) => `/ws/${server.slice(0, 3)}/${session}/websocket`),
  fc
    .tuple(token, digits)
    .map(([id, t]) => `/signalr/poll?transport=longPolling&connectionToken=${id}%2B%3D&_=${t}`),
  fc
    .tuple(fc.constantFrom('chunk.js', 'min.css', 'woff2', 'map', 'json', 'png'), token, query)
    .map(([extension, hash, rest]) => `/static/app.${hash}.${extension}${rest}`),
  fc
    .tuple(fc.uuid(), word, query)
    .map(([id, name, rest]) => `/files/${id}/${encodeURIComponent(name)}.pdf${rest}`),
  fc
    .tuple(fc.array(component, { minLength: 1, maxLength: 5 }), fc.boolean(), query)
    .map(([segments, slash, rest]) => `/${segments.join('/')}${slash ? '/' : ''}${rest}`),
  fc.constantFrom(
    '/',
    '/?',
    '/x?',
    '/~kari/@bank:8080/a,b;'.slice(0, -1),
    '/.well-known/assetlinks.json',
    '/avatars/%C3%85se%20%C3%98deg%C3%A5rd.png',
    '/avatars/%E2%9D%A4%EF%B8%8F.png',
    '/a+b/c=d&e/$metadata',
    '/favicon.ico?a=b?c',
    '/odata/Chats(1)/Messages',
    '/x?/queues/q_bank',
    '/x?path=/queues/q_bank',
    '/queuesx/q_bank',
    '/x/queues/q_bank',
  ),
);
