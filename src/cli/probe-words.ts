import type { ProbeOutcome } from '../oidc/probe.ts';

/** What the provider said, as a sentence. */
export function probeText({ outcome, step }: ProbeOutcome): string {
  switch (outcome) {
    case 'accepted':
      return 'The provider accepts it.';
    case 'refused':
      return 'The provider refuses client id and secret (invalid_client).';
    case 'unreachable':
      return 'The provider does not answer.';
    case 'unclear':
      return step === 'discovery'
        ? 'The provider has no usable discovery document.'
        : 'The provider answered something that says neither yes nor no.';
  }
}

/** What to do about it; undefined when nothing is to be done. */
export function probeCure({ outcome, step }: ProbeOutcome): string | undefined {
  switch (outcome) {
    case 'accepted':
      return undefined;
    case 'refused':
      return 'Set the right secret (secret set), or the authTokenAuthMethod that the provider has for this client.';
    case 'unreachable':
      return 'Look whether authEndpoint is right and this machine may reach it.';
    case 'unclear':
      return step === 'discovery'
        ? 'Look whether authEndpoint is the issuer, letter by letter, or give the endpoints one by one (authTokenEndpoint, ...).'
        : 'Look at the settings of this client at the provider: authClientId, redirect address, authTokenAuthMethod.';
  }
}
