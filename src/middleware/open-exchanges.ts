/** A running answer or an upgraded socket. */
export interface Exchange {
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
}

/** Under which identity an exchange was admitted. */
export interface Admittance {
  readonly connectionId: string;
  /** Pseudonym of the person. */
  readonly subject: string;
  /** End of the identity, milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What runs in secure queues in this process, so that none of it outlives the identity it was admitted with. */
export interface OpenExchanges {
  /** Keeps the exchange until it closes, or until its identity ends, when it is broken off. */
  admit(sessionId: string, exchange: Exchange, admittance: Admittance): void;
  /** A login gave the browser a new session id: what runs goes on under that. */
  move(oldId: string, newId: string): void;
  /** This connection has verified this person: what another person opened is broken off. */
  verified(sessionId: string, connectionId: string, subject: string): void;
  /** Breaks off everything of a session that has ended. */
  end(sessionId: string): void;
  /** Stops looking after expired ones. */
  close(): void;
}

const SWEEP_MS = 1000;

/** An empty register. One sweep a second for all costs a request less than a timer of its own. */
export function createOpenExchanges(): OpenExchanges {
  const bySession = new Map<string, Map<Exchange, Admittance>>();
  const breakOff = (
    exchanges: Iterable<[Exchange, Admittance]>,
    over: (admittance: Admittance) => boolean,
  ) => {
    for (const [exchange, admittance] of exchanges) if (over(admittance)) exchange.destroy();
  };
  const sweeper = setInterval(() => {
    const now = Date.now();
    for (const exchanges of bySession.values()) breakOff(exchanges, ({ expiresAt }) => expiresAt <= now);
  }, SWEEP_MS).unref();
  const of = (sessionId: string) => {
    const known = bySession.get(sessionId) ?? new Map<Exchange, Admittance>();
    bySession.set(sessionId, known);
    return known;
  };
  return {
    admit(sessionId, exchange, admittance) {
      const exchanges = of(sessionId).set(exchange, admittance);
      exchange.once('close', () => {
        exchanges.delete(exchange);
        if (exchanges.size === 0 && bySession.get(sessionId) === exchanges) bySession.delete(sessionId);
      });
    },
    move(oldId, newId) {
      const exchanges = bySession.get(oldId);
      bySession.delete(oldId);
      for (const [exchange, admittance] of exchanges ?? []) this.admit(newId, exchange, admittance);
    },
    verified(sessionId, connectionId, subject) {
      breakOff(
        bySession.get(sessionId) ?? [],
        (one) => one.connectionId === connectionId && one.subject !== subject,
      );
    },
    end(sessionId) {
      breakOff(bySession.get(sessionId) ?? [], () => true);
    },
    close() {
      clearInterval(sweeper);
    },
  };
}
