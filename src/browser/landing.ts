import { takeOutcome, type Landing } from './address.ts';

/** Where a page with two copies of this script keeps what the first of them has found. */
const FOUND = Symbol.for('secure-chat.landing');

const shared = globalThis as { [FOUND]?: { outcome?: Landing | undefined } | undefined };

/** The outcome that this page was opened with; whoever started that login takes it out of here. */
export const landed = shared[FOUND] ?? {};
shared[FOUND] = landed;

/** Before anything else of the page can read the address, send it on as a referrer, or keep it in the history. */
function cleanAddress(): void {
  const { address, landing } = takeOutcome(location.href);
  if (landing === undefined) return;
  landed.outcome = landing;
  history.replaceState(history.state, '', address);
}

// a server that renders the page imports this too
if (typeof location !== 'undefined') cleanAddress();
