import { EIDS, type Eid } from './eids.ts';

/** A person who exists in the sandbox only. National ids are those of public test data. */
export interface Person {
  readonly id: string;
  readonly eid: Eid['id'];
  readonly givenName: string;
  readonly familyName: string;
  readonly nationalId: string;
  /** `YYYY-MM-DD`. */
  readonly birthdate: string;
  readonly locale: string;
  readonly street: string;
  readonly postalCode: string;
  readonly locality: string;
}

/** Columns: id, eID, given name, family name, national id, birthdate, locale, street, postal code, locality. */
const ROWS: readonly (readonly [string, Eid['id'], ...string[]])[] = [
  ['ase', 'nbid', 'Åse', 'Ødegård', '17029012345', '1990-02-17', 'nb-NO', 'Strandgaten 12', '5013', 'Bergen'],
  [
    'hakon',
    'nbid',
    'Håkon',
    'Bjørnstad',
    '27034698436',
    '1946-03-27',
    'nn-NO',
    'Ålesundvegen 4',
    '6050',
    'Valderøya',
  ],
  [
    'asa',
    'sbid',
    'Åsa',
    'Öberg',
    '199002171234',
    '1990-02-17',
    'sv-SE',
    'Östra Ågatan 31',
    '753 22',
    'Uppsala',
  ],
  [
    'goran',
    'sbid',
    'Göran',
    'Sjöström',
    '196802020575',
    '1968-02-02',
    'sv-SE',
    'Linnégatan 8',
    '413 04',
    'Göteborg',
  ],
  [
    'soren',
    'mitid-cpr',
    'Søren',
    'Kjærgård',
    '1107744882',
    '1974-07-11',
    'da-DK',
    'Åboulevarden 70',
    '8000',
    'Aarhus C',
  ],
  [
    'paivi',
    'ftn-op-auth',
    'Päivi',
    'Hämäläinen',
    '070770-905D',
    '1970-07-07',
    'fi-FI',
    'Hämeenkatu 19 A 4',
    '33200',
    'Tampere',
  ],
  [
    'ake',
    'ftn-op-auth',
    'Åke',
    'Mäkelä',
    '010200A9618',
    '2000-02-01',
    'sv-FI',
    'Södra Esplanaden 2',
    '00130',
    'Helsingfors',
  ],
];

/** Everyone the sandbox knows. */
export const PEOPLE: readonly Person[] = ROWS.map(([id, eid, ...rest]) => {
  const [
    givenName = '',
    familyName = '',
    nationalId = '',
    birthdate = '',
    locale = '',
    street = '',
    postalCode = '',
    locality = '',
  ] = rest;
  return { id, eid, givenName, familyName, nationalId, birthdate, locale, street, postalCode, locality };
});

/** The person with this id, or undefined. */
export function personById(id: string): Person | undefined {
  return PEOPLE.find((person) => person.id === id);
}

/** The eID that a person logs in with. */
export function eidOf(person: Person): Eid {
  const eid = EIDS.find(({ id }) => id === person.eid);
  if (eid === undefined) throw new TypeError(`no eID called ${person.eid}`);
  return eid;
}

/**
 * The claims of one person in both of Signicat's generations: the dotted `signicat.national_id` of the legacy platform
 * and the `nin` of the current one. The provider hands out those whose scope was asked for.
 */
export function claimsOf(person: Person): Record<string, unknown> {
  const { country, countryCode } = eidOf(person);
  return {
    name: `${person.givenName} ${person.familyName}`,
    given_name: person.givenName,
    family_name: person.familyName,
    birthdate: person.birthdate,
    locale: person.locale,
    address: {
      formatted: `${person.street}\n${person.postalCode} ${person.locality}\n${country}`,
      street_address: person.street,
      postal_code: person.postalCode,
      locality: person.locality,
      country: countryCode,
    },
    'signicat.national_id': person.nationalId,
    nin: person.nationalId,
    nin_type: 'PERSON',
    nin_issuing_country: countryCode,
  };
}
