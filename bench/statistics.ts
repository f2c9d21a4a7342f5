/** The median; of an even number of values the mean of the two in the middle. Throws on none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError("there is no median of nothing");
  return (lower + upper) / 2;
}

/** `0.94–1.02`: the least and the greatest value, with that many decimals. */
export function formatRange(values: readonly number[], decimals: number): string {
  return `${Math.min(...values).toFixed(decimals)}–${Math.max(...values).toFixed(decimals)}`;
}

/**
 * The items in another order each round, so that no one always comes first or after the same one: turned by one place
 * each round, and every other round backwards.
 */
export function orderOfRound<T>(items: readonly T[], round: number): T[] {
  const first = round % items.length;
  const turned = [...items.slice(first), ...items.slice(0, first)];
  return round % 2 === 0 ? turned : turned.reverse();
}
