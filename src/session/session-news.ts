import type { StoreMessages } from './messages.ts';

/** What becomes of a session, and stays so for good: session ids never come back. */
export type SessionNews =
  /** A login gave the browser a new session id. */
  | { readonly kind: 'moved'; readonly from: string; readonly to: string }
  /** A connection has verified this person (a pseudonym) there. */
  | {
      readonly kind: 'verified';
      readonly sessionId: string;
      readonly connectionId: string;
      readonly subject: string;
    }
  /** A log-out of one customer's portal: these connections know nobody any more, others may. */
  | { readonly kind: 'left'; readonly sessionId: string; readonly connectionIds: readonly string[] }
  /** Logged out, or revoked. */
  | { readonly kind: 'ended'; readonly sessionId: string };

const TOPIC = 'sessions';

/** Tells every process. */
export function tellSessionNews(messages: StoreMessages, news: SessionNews): Promise<void> {
  return messages.send(TOPIC, JSON.stringify(news));
}

/** Hears what any process tells, this one included; kinds of another release are for that release. The answer ends it. */
export function onSessionNews(messages: StoreMessages, listener: (news: SessionNews) => void): () => void {
  return messages.on(TOPIC, (text) => {
    // sealed, so it is what a gateway wrote
    listener(JSON.parse(text) as SessionNews);
  });
}
