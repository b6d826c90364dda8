import { takeOutcome, type Landing } from './address.ts';

/** Where a page with two copies of this script keeps what the first of them has found. */
const page = globalThis as Record<symbol, { outcome?: Landing | undefined } | undefined>;

/** The outcome that this page was opened with; whoever started that login takes it out of here. */
export const landed = (page[Symbol.for('secure-chat.landing')] ??= {});

// before anything else of the page can read the address, send it on as a referrer, or keep it in the history; a server
// that renders the page imports this too
const taken = typeof location === 'undefined' ? undefined : takeOutcome(location.href);
if (taken) {
  landed.outcome = taken.landing;
  history.replaceState(history.state, '', taken.address);
}
