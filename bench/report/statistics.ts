/** The middle one, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** Median of what there is; undefined where one is missing. */
export function medianOf<T>(items: readonly T[], read: (item: T) => number | undefined): number | undefined {
  const values = items.map(read).filter((value) => value !== undefined);
  return values.length === items.length && values.length > 0 ? median(values) : undefined;
}
