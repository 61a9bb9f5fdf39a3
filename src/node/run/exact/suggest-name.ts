/** Maximum share of characters that may differ between a name and a suggestion for it. */
const maxDifference = 0.5;

/** Returns the candidate that is most likely meant by a misspelled name, or undefined if none is similar. */
export function suggestName(name: string, candidates: readonly string[]): string | undefined {
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    const parts = [candidate, candidate.split(/[. ]/).at(-1) ?? candidate];
    const distance = Math.min(...parts.map((part) => editDistance(name.toLowerCase(), part.toLowerCase())));
    if (distance <= maxDifference * name.length && distance < (best?.distance ?? Number.POSITIVE_INFINITY))
      best = { candidate, distance };
  }
  return best?.candidate;
}

/** Returns the number of insertions, deletions, replacements and swaps of neighbors that turn one text into the other. */
function editDistance(from: string, to: string): number {
  let [previous, current]: [number[], number[]] = [[], Array.from({ length: to.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= from.length; row++) {
    const next = [row];
    for (let column = 1; column <= to.length; column++) {
      const cost = from[row - 1] === to[column - 1] ? 0 : 1;
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      next[column] = Math.min(
        (current[column] as number) + 1,
        (next[column - 1] as number) + 1,
        (current[column - 1] as number) + cost,
        isSwap ? (previous[column - 2] as number) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [previous, current] = [current, next];
  }
  return current[to.length] as number;
}
