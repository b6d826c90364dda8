/** One mapped claim of the person, as the gateway's `authMapping` names it; masked. */
export interface VerifiedVariable {
  readonly name: string;
  readonly description: string | undefined;
  readonly value: string;
}

/** What the gateway says of the person, in the assertion and in the plain headers alike. Values are mapped and masked. */
export interface PersonFacts {
  /** `customerKey`. */
  readonly customer: string;
  /** `queueKey`, as the gateway's configuration spells it. */
  readonly queue: string;
  /** Name of the connection that verified the person. */
  readonly connection: string;
  readonly chatId: string | undefined;
  readonly nickName: string | undefined;
  /** In the order of `authMapping`. */
  readonly variables: readonly VerifiedVariable[];
  /** Authentication context class that the provider reported. */
  readonly acr: string | undefined;
  /** Authentication methods (RFC 8176); empty when not reported. */
  readonly amr: readonly string[];
  /** When the person was verified: seconds since 1970. */
  readonly authTime: number | undefined;
  /** Claims whose values had to be cut; empty when none. */
  readonly truncated: readonly string[];
}

/** The content of a verified assertion. */
export interface VerifiedIdentity extends PersonFacts {
  /** `publicUrl` of the gateway. */
  readonly issuer: string;
  /** The person at this connection (`AuthUserId`): together with `customer` and `connection` the key of a person. */
  readonly sub: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  /** Seconds since 1970, at most 60 after `issuedAt`. */
  readonly expiresAt: number;
  /** Several requests of a session within half a minute may carry the same one: no sign of a replay by itself. */
  readonly jti: string;
}
