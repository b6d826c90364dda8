import type { AttackClass } from './attempt.ts';
import { clientCopy } from './classes/a1-client-copy.ts';
import { absentClaim } from './classes/a2-absent-claim.ts';
import { caseAndUnderscore } from './classes/a3-case-and-underscore.ts';
import { aliasFold } from './classes/a4-alias-fold.ts';
import { duplicates } from './classes/a5-duplicates.ts';
import { connectionNomination } from './classes/a6-connection-nomination.ts';
import { upstreamResponse } from './classes/a7-upstream-response.ts';
import { trailersAndUpgrade } from './classes/a8-trailers-and-upgrade.ts';
import { ownCookie } from './classes/a9-own-cookie.ts';
import { controlCharacters } from './classes/b1-control-characters.ts';
import { queryAsPath } from './classes/c1-query-as-path.ts';
import { bodyRewrite } from './classes/c11-body-rewrite.ts';
import { secondWayIn } from './classes/c12-second-way-in.ts';
import { unknownQueue } from './classes/c13-unknown-queue.ts';
import { forwardedHeaders } from './classes/c2-forwarded-headers.ts';
import { userAgent } from './classes/c3-user-agent.ts';
import { pathConfusion } from './classes/c4-path-confusion.ts';
import { malformed } from './classes/c5-malformed.ts';
import { host } from './classes/c6-host.ts';
import { matcherCrash } from './classes/c7-matcher-crash.ts';
import { smuggling } from './classes/c8-smuggling.ts';
import { callbackParameters } from './classes/d1-callback-parameters.ts';
import { silentLoop } from './classes/d6-silent-loop.ts';
import { returnTo } from './classes/e1-return-to.ts';
import { sharedCache } from './classes/f3-shared-cache.ts';
import { craftedCookie } from './classes/f8-crafted-cookie.ts';
import { websocket } from './classes/g10-websocket.ts';
import { errorPathLeak } from './classes/g4-error-path-leak.ts';

/** Every class, in the order of `attacks.md` and of the report. */
export const CLASSES: readonly AttackClass[] = [
  clientCopy,
  absentClaim,
  caseAndUnderscore,
  aliasFold,
  duplicates,
  connectionNomination,
  upstreamResponse,
  trailersAndUpgrade,
  ownCookie,
  controlCharacters,
  queryAsPath,
  forwardedHeaders,
  userAgent,
  pathConfusion,
  malformed,
  host,
  matcherCrash,
  smuggling,
  bodyRewrite,
  secondWayIn,
  unknownQueue,
  callbackParameters,
  silentLoop,
  returnTo,
  sharedCache,
  craftedCookie,
  errorPathLeak,
  websocket,
];
