/** A member of at most one chain. */
export class Link {
  /** Both are the chain's own; undefined while it is in none. */
  before: Link | undefined;
  after: Link | undefined;

  /** Goes out of its chain; nothing happens when it is in none. */
  leave(): void {
    const { before, after } = this;
    if (before === undefined || after === undefined) return;
    before.after = after;
    after.before = before;
    this.before = undefined;
    this.after = undefined;
  }
}

/**
 * Members in the order of their arrival. Each request joins and leaves some of these: unlike a `Set` this allocates
 * nothing for it, and hashes nothing.
 */
export class Chain<T extends Link> {
  readonly #ends = new Link();

  constructor() {
    this.#ends.before = this.#ends;
    this.#ends.after = this.#ends;
  }

  get isEmpty(): boolean {
    return this.#ends.after === this.#ends;
  }

  /** Adds behind all others one that is in no chain. */
  add(link: T): void {
    const { before } = this.#ends;
    link.before = before;
    link.after = this.#ends;
    if (before !== undefined) before.after = link;
    this.#ends.before = link;
  }

  /** Those that are in it at this moment. */
  members(): T[] {
    const found: T[] = [];
    for (let link = this.#ends.after; link !== undefined && link !== this.#ends; link = link.after)
      // only `add` puts any in
      found.push(link as T);
    return found;
  }
}
