import { createHash } from 'node:crypto';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Request } from 'express';
import passport from 'passport';
import OpenIDConnectStrategy from 'passport-openidconnect';
import type { Connection } from '../config/gateway-config.ts';
import { GatewayError } from '../errors.ts';
import type { WaitingCode } from './redeem.ts';
import { authErrorFor, type AuthorizationResponse } from './response.ts';
import type { BegunTransaction, LoginTransaction } from './transactions.ts';

/** One way through the strategy: sending the browser to the provider, or reading what it brings back. */
export type Leg =
  | {
      readonly kind: 'request';
      readonly begun: Begun;
      /** Default the callback. */
      readonly redirectUri?: string | undefined;
      readonly interactive: boolean;
      /** What a queue demands in place of the connection's `acrValues`, separated by blanks. */
      readonly acrValues?: string | undefined;
    }
  | {
      readonly kind: 'response';
      readonly transaction: LoginTransaction;
      readonly response: AuthorizationResponse;
      /** The address at which the response came; default the callback. */
      readonly redirectUri?: string | undefined;
    };

/** A transaction that has begun. Without nonce and verifier the authorization request carries neither. */
export type Begun = Pick<BegunTransaction, 'state'> &
  Partial<Pick<BegunTransaction, 'nonce' | 'codeVerifier'>>;

/** How a leg ended, named as Passport names it. */
export type Outcome =
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'success'; readonly waiting: WaitingCode }
  | { readonly kind: 'fail'; readonly authError: string };

/** Turns the parameters of an authorization request into the address that carries them. */
export type AddressOf = (parameters: URLSearchParams) => Promise<URL>;

/** Passport with one strategy for each connection. */
export interface Strategies {
  /** Runs one leg for a connection. Rejects with what the strategy calls an error. */
  authenticate(connection: Connection, leg: Leg): Promise<Outcome>;
}

/** The parent's options, with the leg riding along to `authorizationParams`. */
type Options = OpenIDConnectStrategy.AuthenticateOptions & { readonly leg?: Leg };

/**
 * The Passport strategy of one connection. Of its parent it uses two seams: the authorization request with
 * `authorizationParams`, and the state store. The parent never sees an authorization response, since it looks at `error`
 * before `state` and believes ID tokens without their signature; nor does it see the client's request.
 */
class SecureChatStrategy extends OpenIDConnectStrategy {
  readonly connection: Connection;
  readonly redirectUri: string;
  readonly addressOf: AddressOf;

  constructor(connection: Connection, redirectUri: string, addressOf: AddressOf) {
    super(parentOptions(connection, redirectUri), refuseToVerify);
    this.connection = connection;
    this.redirectUri = redirectUri;
    this.addressOf = addressOf;
  }

  override authenticate(_request: Request, { leg }: Options = {}): void {
    if (leg === undefined) this.error(new TypeError('the strategy runs through createStrategies only'));
    else if (leg.kind === 'request') this.request(leg);
    else this.respond(leg);
  }

  /** PKCE with S256 only (RFC 7636), the transaction's nonce, and what the queue or its connection asks for. */
  override authorizationParams({ leg }: Options = {}): Record<string, string> {
    if (leg?.kind !== 'request') return {};
    const acrValues = leg.acrValues ?? this.connection.acrValues;
    const { nonce, codeVerifier } = leg.begun;
    return {
      ...(nonce === undefined ? {} : { nonce }),
      ...(codeVerifier === undefined ? {} : challengeOf(codeVerifier)),
      ...(acrValues === undefined ? {} : { acr_values: acrValues }),
    };
  }

  request(leg: Extract<Leg, { kind: 'request' }>): void {
    const redirect = this.redirect.bind(this);
    // Passport gives every run an object of its own, so this replaces the action of this run only
    this.redirect = (location) => {
      this.addressOf(new URL(location).searchParams).then(
        ({ href }) => {
          redirect(href);
        },
        (error: unknown) => {
          this.error(error instanceof Error ? error : new TypeError('the address cannot be made'));
        },
      );
    };
    const prompt = leg.interactive ? undefined : this.connection.prompt;
    const callbackURL = leg.redirectUri ?? this.redirectUri;
    const options: Options = { leg, state: leg.begun, prompt, callbackURL };
    super.authenticate(new IncomingMessage(new Socket()) as Request, options);
  }

  /** The last three of the order: `iss`, then `error`, then `code`; repeats and the transaction came before. */
  respond({
    transaction,
    response,
    redirectUri = this.redirectUri,
  }: Extract<Leg, { kind: 'response' }>): void {
    const { code, error, iss } = response;
    if (iss === undefined ? transaction.issPromised : iss !== transaction.issuer) {
      this.error(
        new GatewayError(
          'state_mismatch',
          'The answer came from another provider than the one that was asked.',
        ),
      );
    } else if (error !== undefined) {
      this.fail({ message: authErrorFor(error) }, 401);
    } else if (code === undefined) {
      this.error(
        new GatewayError(
          'request_malformed',
          'The authorization response holds neither a code nor an error.',
        ),
      );
    } else {
      const { nonce, codeVerifier } = transaction;
      this.success({
        code,
        codeVerifier,
        nonce,
        iss,
        redirectUri,
      } satisfies WaitingCode);
    }
  }
}

/** S256 only (RFC 7636, section 4.2). */
function challengeOf(codeVerifier: string): Record<string, string> {
  return {
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
}

/**
 * An own Passport, so that a host's strategies and this one never meet; nothing is put on the host's requests.
 *
 * @param redirectUri Address of the callback, the same for all connections.
 * @param addressOf Finishes an authorization request: query, signed, pushed.
 */
export function createStrategies(
  connections: readonly Connection[],
  redirectUri: string,
  addressOf: (connection: Connection, parameters: URLSearchParams) => Promise<URL>,
): Strategies {
  const own = new passport.Passport();
  for (const connection of connections) {
    const strategy = new SecureChatStrategy(connection, redirectUri, (parameters) =>
      addressOf(connection, parameters),
    );
    own.use(nameOf(connection), strategy);
  }
  return {
    authenticate: (connection, leg) =>
      new Promise((resolve, reject) => {
        const done = (
          error: unknown,
          waiting?: WaitingCode | false,
          challenge?: { message: string },
        ): void => {
          if (error instanceof Error) reject(error);
          else if (waiting) resolve({ kind: 'success', waiting });
          else resolve({ kind: 'fail', authError: challenge?.message ?? 'provider_error' });
        };
        const run = own.authenticate(
          nameOf(connection),
          { leg } as passport.AuthenticateOptions,
          done,
        ) as Middleware;
        run({}, redirectCatcher(resolve), done);
      }),
  };
}

type Middleware = (request: object, response: object, next: (error: unknown) => void) => void;

/** As much of a response as Passport's `redirect` touches. */
function redirectCatcher(resolve: (outcome: Outcome) => void): object {
  let location = '';
  return {
    setHeader(name: string, value: string) {
      if (name === 'Location') location = value;
    },
    end() {
      resolve({ kind: 'redirect', location });
    },
  };
}

/** Connection ids are the configuration's words; the prefix keeps them off the names of Object.prototype. */
function nameOf(connection: Connection): string {
  return `secure-chat:${connection.id}`;
}

function parentOptions(connection: Connection, redirectUri: string): OpenIDConnectStrategy.StrategyOptions {
  // typed as a class that the package does not export: any object with its two methods will do
  const store: unknown = new BegunState();
  // addresses and secret of the provider stay with openid-client: the parent only lines up parameters
  const unused = `${connection.endpoint}/`;
  const scope = connection.scope.split(' ').filter((word) => word !== '' && word !== 'openid');
  return {
    issuer: connection.endpoint,
    authorizationURL: unused,
    tokenURL: unused,
    userInfoURL: unused,
    callbackURL: redirectUri,
    clientID: connection.clientId,
    clientSecret: '',
    ...(scope.length === 0 ? {} : { scope }),
    store: store as OpenIDConnectStrategy.SessionStore,
  };
}

/** The state store seam: the transaction is stored before, and the parent is told its state. */
class BegunState implements OpenIDConnectStrategy.SessionStore {
  store(
    _request: Request,
    _context: object,
    begun: object | undefined,
    _meta: object | undefined,
    done: OpenIDConnectStrategy.SessionStoreCallback,
  ): void {
    if (begun !== undefined && 'state' in begun && typeof begun.state === 'string') done(null, begun.state);
    else done(new TypeError('a login transaction is begun before the authorization request'));
  }

  verify(): never {
    return refuseToVerify();
  }
}

function refuseToVerify(): never {
  throw new TypeError('the parent strategy never reads an authorization response');
}
