/** One national eID as the sandbox offers it, with the values that Signicat's legacy platform reports for it. */
export interface Eid {
  /** Short name, as in `urn:signicat:oidc:method:<id>`. */
  readonly id: 'nbid' | 'sbid' | 'mitid-cpr' | 'ftn-op-auth';
  readonly label: string;
  readonly country: string;
  /** Two letters, shown where a flag would stand. */
  readonly countryCode: string;
  /** RFC 8176 values. */
  readonly amr: readonly string[];
  readonly nationalIdName: string;
}

/** The four eIDs of the sandbox, in the order of the login page. */
export const EIDS: readonly Eid[] = [
  {
    id: 'nbid',
    label: 'BankID Norway',
    country: 'Norway',
    countryCode: 'NO',
    amr: ['hwk', 'pin'],
    nationalIdName: 'Fødselsnummer',
  },
  {
    id: 'sbid',
    label: 'BankID Sweden',
    country: 'Sweden',
    countryCode: 'SE',
    amr: ['hwk', 'pin'],
    nationalIdName: 'Personnummer',
  },
  {
    id: 'mitid-cpr',
    label: 'MitID',
    country: 'Denmark',
    countryCode: 'DK',
    amr: ['hwk', 'user'],
    nationalIdName: 'CPR',
  },
  {
    id: 'ftn-op-auth',
    label: 'Finnish Trust Network',
    country: 'Finland',
    countryCode: 'FI',
    amr: ['pwd', 'otp'],
    nationalIdName: 'HETU',
  },
];

/** The `acr` that a login with this eID reports. */
export function acrOf(eid: Eid): string {
  return `urn:signicat:oidc:method:${eid.id}`;
}

/** The eID that the first known `acr_values` entry names, if any; unknown values are ignored, as Signicat does. */
export function eidOfAcrValues(acrValues: string | undefined): Eid | undefined {
  const asked = (acrValues ?? '').split(' ');
  return EIDS.find((eid) => asked.includes(acrOf(eid)) || asked.includes(`idp:${eid.id}`));
}
