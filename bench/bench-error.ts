/** The run is over: it cannot begin, or what it measured was wrong. The message says which. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
}
