/**
 * The candidate nearest to a mistyped word, or `undefined` when none is near: at most a third of its letters
 * may differ (one at least). Distance: optimal string alignment, so that two swapped letters count as one
 * mistake; case is ignored.
 */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    const limit = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));
    if (distance > limit || distance >= (best?.distance ?? Number.POSITIVE_INFINITY)) continue;
    best = { candidate, distance };
  }
  return best?.candidate;
}

/** `; did you mean x?` for the nearest candidate, an empty text where none is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const nearest = closest(word, candidates);
  return nearest === undefined ? "" : `; did you mean ${nearest}?`;
}

function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
      );
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, right.length);
}

function at(row: number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
