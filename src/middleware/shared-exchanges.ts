import { describeError, type Logger } from '../observe/logger.ts';
import type { BrowserRecords } from '../session/browser-records.ts';
import { onSessionNews, tellSessionNews, type SessionNews } from '../session/session-news.ts';
import type { Stores } from '../session/stores.ts';
import { createExchangeLooks } from './exchange-looks.ts';
import { createOpenExchanges, type OpenExchanges } from './open-exchanges.ts';
import type { Superseded } from './superseded.ts';

/** What the register stands on. */
export interface SharedExchangesParts {
  readonly stores: Pick<Stores, 'state' | 'sealer' | 'messages'>;
  readonly records: BrowserRecords;
  readonly superseded: Superseded;
  readonly idleSeconds: number;
  readonly logger: Logger;
}

/**
 * The register of what runs in this process, which hears what becomes of sessions in every other one: a log-out ends
 * streams and WebSockets wherever they run, at once by a message, and within a second where that is lost.
 */
export function createSharedExchanges(parts: SharedExchangesParts): OpenExchanges {
  const { stores, logger } = parts;
  const { messages } = stores;
  const exchanges = createOpenExchanges();
  const looks = createExchangeLooks({
    ...parts,
    ...stores,
    exchanges,
    blind: () => {
      logger.error(
        {},
        'the session store has not answered for a minute: what ran in secure queues is broken off',
      );
    },
  });
  const tell = (news: SessionNews): void => {
    tellSessionNews(messages, news).catch((error: unknown) => {
      logger.warn({ cause: describeError(error) }, 'other processes hear of a session later');
    });
  };
  const ends = [
    onSessionNews(messages, (news) => {
      if (news.kind === 'moved') exchanges.move(news.from, news.to);
      else if (news.kind === 'verified') exchanges.verified(news.sessionId, news.connectionId, news.subject);
      else if (news.kind === 'left') exchanges.leave(news.sessionId, news.connectionIds);
      // of a release that tells more, the rest is not for this one
      else if ((news.kind as string) === 'ended') exchanges.end(news.sessionId);
    }),
    messages.onHearing(() => {
      looks.lookNow();
    }),
  ];
  return {
    admit: (sessionId, exchange, admittance) => exchanges.admit(sessionId, exchange, admittance),
    move(from, to) {
      exchanges.move(from, to);
      tell({ kind: 'moved', from, to });
    },
    verified(sessionId, connectionId, subject) {
      exchanges.verified(sessionId, connectionId, subject);
      tell({ kind: 'verified', sessionId, connectionId, subject });
    },
    leave(sessionId, connectionIds) {
      exchanges.leave(sessionId, connectionIds);
      tell({ kind: 'left', sessionId, connectionIds });
    },
    end(sessionId) {
      exchanges.end(sessionId);
      tell({ kind: 'ended', sessionId });
    },
    close() {
      for (const end of ends) end();
      looks.close();
      exchanges.close();
    },
  };
}
