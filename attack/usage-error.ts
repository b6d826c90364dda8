/** The program cannot begin: a mistake on the command line or in what it is pointed at, in a sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
