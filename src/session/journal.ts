/** One entry of a journal as it is stored. */
export interface JournalEntry {
  /** `<milliseconds since 1970>-<number>`; rises from entry to entry, the number by one. */
  readonly id: string;
  /** Hash of the entry before. */
  readonly previous: string;
  readonly sealed: string;
}

/** A journal at one moment. */
export interface JournalState {
  /** What says where the journal ends; undefined when nothing was ever appended. */
  readonly head: string | undefined;
  /** What says where it begins since it was last trimmed. */
  readonly anchor: string | undefined;
  readonly length: number;
  /** The oldest entries, as many as were asked for. */
  readonly first: readonly JournalEntry[];
}

/** Entries to append, and the head that they lead to. */
export interface JournalBatch {
  /** The head that these entries were made for. */
  readonly expected: string | undefined;
  readonly head: string;
  readonly entries: readonly JournalEntry[];
  /** How long the whole journal stays when nothing more is appended, milliseconds. */
  readonly lifeMs: number;
}

/**
 * Lists that only grow at one end and are trimmed at the other, each with two records: a head and an anchor. Knows nothing of
 * what they say. In memory and on Redis behind one contract suite. Every method rejects with
 * `GatewayError('session_store_unavailable')` when the store cannot answer.
 */
export interface Journal {
  /** Everything of one moment, in one step. */
  look(name: string, count: number): Promise<JournalState>;
  /**
   * Appends all entries and sets the head, when the head is the expected one; else nothing. One step over all processes.
   * Undefined when it is done, otherwise the head that is there (empty: none).
   */
  append(name: string, batch: JournalBatch): Promise<string | undefined>;
  /** Drops every entry before `from` and sets the anchor, when the anchor is the expected one. True when it did. */
  trim(name: string, expected: string | undefined, anchor: string, from: string): Promise<boolean>;
  /** The entries after this id, or from the oldest on, oldest first. */
  after(name: string, id: string | undefined, count: number): Promise<JournalEntry[]>;
  /** The entries before this id, or from the newest on, newest first. */
  before(name: string, id: string | undefined, count: number): Promise<JournalEntry[]>;
}
