/** Somebody else has changed the settings since they were read. Nothing was written: read again, and decide anew. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
  /** The revision that is there now. */
  readonly revision: number;

  constructor(revision: number) {
    super('Somebody else has changed the settings meanwhile. Read them again, then make the change anew.');
    this.revision = revision;
  }
}
