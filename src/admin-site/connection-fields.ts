/** One setting of a connection as the form shows it. */
export interface ConnectionField {
  /** Key of the setting, and name of the field. */
  readonly key: string;
  readonly label: string;
  readonly hint: string;
  /** `list`: parts with semicolons between them; `choice`: one of `choices`, or none for the default. */
  readonly kind: 'text' | 'number' | 'list' | 'choice';
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
  readonly required?: true;
}

/** Fields that stand together. */
export interface FieldGroup {
  readonly title: string;
  /** Folded away until it is opened. */
  readonly folded?: true;
  readonly fields: readonly ConnectionField[];
}

const text = (key: string, label: string, hint: string): ConnectionField => ({
  key,
  label,
  hint,
  kind: 'text',
});

/** Every setting that is neither a secret nor the mapping, in the order of the form. A test holds them against the options. */
export const CONNECTION_GROUPS: readonly FieldGroup[] = [
  {
    title: 'Provider',
    fields: [
      {
        ...text('authEndpoint', 'Issuer', 'Address whose discovery document is read; https.'),
        required: true,
      },
      { ...text('authClientId', 'Client id', 'As the provider issued it.'), required: true },
      {
        key: 'authTokenAuthMethod',
        label: 'How the client secret is sent',
        hint: 'To the token endpoint.',
        kind: 'choice',
        choices: [
          { value: '', label: 'Default (client_secret_basic)' },
          { value: 'client_secret_basic', label: 'client_secret_basic' },
          { value: 'client_secret_post', label: 'client_secret_post' },
        ],
      },
    ],
  },
  {
    title: 'Login',
    fields: [
      text('authScope', 'Scopes', 'Separated by blanks. Default: openid profile.'),
      text('authAcrValues', 'Requested acr values', 'Separated by blanks. Default: none.'),
      text('authPrompt', 'Prompt of a silent login', '“off” leaves it out. Default: none.'),
      {
        key: 'codeRedemption',
        label: 'When the code is redeemed',
        hint: 'At once, for providers whose codes live for seconds.',
        kind: 'choice',
        choices: [
          { value: '', label: 'Default (at the first secure-queue request)' },
          { value: 'queue-entry', label: 'At the first secure-queue request' },
          { value: 'callback', label: 'At once, in the callback' },
        ],
      },
    ],
  },
  {
    title: 'Privacy',
    fields: [
      {
        key: 'maskedClaims',
        label: 'Masked claims',
        hint: 'Separated by semicolons, beside the national id, which is always masked.',
        kind: 'list',
      },
      {
        key: 'pseudonymizedClaims',
        label: 'Pseudonymized claims',
        hint: 'Separated by semicolons. The agent gets a keyed pseudonym in place of the value.',
        kind: 'list',
      },
    ],
  },
  {
    title: 'More settings',
    folded: true,
    fields: [
      {
        key: 'authPushedRequests',
        label: 'Pushed authorization requests',
        hint: 'RFC 9126.',
        kind: 'choice',
        choices: [
          { value: '', label: 'Default (no)' },
          { value: 'true', label: 'Yes' },
          { value: 'false', label: 'No' },
        ],
      },
      {
        key: 'clockToleranceSeconds',
        label: 'Clock tolerance in seconds',
        hint: 'Difference that ID tokens may show, 0 to 600. Default: 120.',
        kind: 'number',
      },
      text('authIssuer', 'issuer', 'In place of that of the discovery document.'),
      text('authAuthorizationEndpoint', 'authorization_endpoint', 'In place of the discovered one.'),
      text('authTokenEndpoint', 'token_endpoint', 'In place of the discovered one.'),
      text('authUserinfoEndpoint', 'userinfo_endpoint', 'In place of the discovered one.'),
      text('authJwksUri', 'jwks_uri', 'In place of the discovered one.'),
      text('authEndSessionEndpoint', 'end_session_endpoint', 'In place of the discovered one.'),
    ],
  },
];

/** All of them in one list. */
export const CONNECTION_FIELDS: readonly ConnectionField[] = CONNECTION_GROUPS.flatMap(
  ({ fields }) => fields,
);
