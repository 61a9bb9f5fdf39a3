/** Finds the function that a span without a source location refers to: the only workspace symbol with its name. */

/** The parts of a workspace symbol that are needed here. */
export interface SymbolCandidate {
  readonly name: string;
  readonly isFunction: boolean;
  /** Absolute path; undefined if the symbol is not in a file of the workspace. */
  readonly path?: string;
  /** Zero-based. */
  readonly line: number;
}

export interface SymbolLocation {
  readonly path: string;
  readonly line: number;
}

/** Returns the part of a span's name that may be a function: `checkout` for `shop.cart:checkout`, undefined for `GET /cart`. */
export function functionNameOf(span: string): string | undefined {
  const last = span
    .split(/[.:#]+/)
    .at(-1)
    ?.replace(/\(\)$/, '');
  return last !== undefined && /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(last) ? last : undefined;
}

/** Returns the location of the function with this name. Returns undefined if there is more than one. */
export function findUniqueFunction(name: string, candidates: readonly SymbolCandidate[]): SymbolLocation | undefined {
  const locations = new Map<string, SymbolLocation>();
  for (const { name: symbol, isFunction, path, line } of candidates) {
    // Some languages include the parameters in the name of a symbol.
    if (!isFunction || path === undefined || symbol.replace(/\(.*$/, '') !== name) continue;
    locations.set(`${path}:${line}`, { path, line });
  }
  return locations.size === 1 ? [...locations.values()][0] : undefined;
}
