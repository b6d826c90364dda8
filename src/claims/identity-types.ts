/** Raw claims of one login: ID token and userinfo merged. Lives in memory during redemption only. */
export type Claims = Readonly<Record<string, unknown>>;

/** One mapped claim as the agent sees it. */
export interface Variable {
  /** The claim's name as `authMapping` writes it. */
  readonly name: string;
  readonly description: string | undefined;
  /** Mapped, cleaned and masked text. */
  readonly value: string;
}

/** The mapped, masked result of a login: all that the gateway keeps of a person. */
export interface Identity {
  readonly chatId: string | undefined;
  readonly nickName: string | undefined;
  /** In the order of `authMapping`. */
  readonly variables: readonly Variable[];
  /** Authentication context class that the provider reported, never the one that was asked for. */
  readonly acr: string | undefined;
  /** Authentication methods (RFC 8176). */
  readonly amr: readonly string[];
  /** When the person was verified: seconds since 1970. */
  readonly authTime: number | undefined;
  /** Keyed pseudonym of issuer and `sub`: equal exactly when it is the same person at the same connection. */
  readonly subject: string;
  /** `AuthUserId`, the `sub`, masked where it holds the national id: for the signed assertion. */
  readonly authUserId: string;
}
