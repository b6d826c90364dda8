import type { IncomingMessage, ServerResponse } from 'node:http';

/** The little of oidc-provider 9 that the sandbox uses; the package brings no types of its own. */
export interface OidcProvider {
  readonly Grant: new (owner: { clientId: string; accountId: string | undefined }) => Grant;
  callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
  interactionFinished(
    request: IncomingMessage,
    response: ServerResponse,
    result: InteractionResult,
  ): Promise<void>;
}

/** What a client may read of a person. */
export interface Grant {
  addOIDCScope(scope: string): void;
  save(): Promise<string>;
}

/** One visit to the login page. */
export interface Interaction {
  readonly uid: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** How a visit to the login page ended. */
export type InteractionResult =
  | { readonly login: { accountId: string; acr: string; amr: readonly string[]; remember: boolean } }
  | { readonly error: string; readonly error_description: string };

/** Koa's context, as far as the sandbox's hooks look into it. */
export interface OidcContext {
  type: string;
  body: unknown;
  readonly oidc: {
    readonly provider: OidcProvider;
    readonly client: { readonly clientId: string };
    readonly session: { readonly accountId: string | undefined };
  };
}

type OidcProviderConstructor = new (issuer: string, configuration: object) => OidcProvider;

/**
 * Loads oidc-provider and makes one. The package warns, on Node 20 and of state that is lost with the process; both are
 * known and meant here, and a demo's first line should not be somebody else's warning, so they are held back.
 */
export async function createOidcProvider(issuer: string, configuration: object): Promise<OidcProvider> {
  const name: string = 'oidc-provider';
  const { warn } = console;
  console.warn = () => undefined;
  try {
    const { default: Provider } = (await import(name)) as { default: OidcProviderConstructor };
    return new Provider(issuer, configuration);
  } finally {
    console.warn = warn;
  }
}
