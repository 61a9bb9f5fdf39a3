/** Which function of a workspace a span means that names no place: the only one that is called like it. */

/** As much of a symbol as is needed to tell. */
export interface Candidate {
  readonly name: string;
  readonly isFunction: boolean;
  /** Absolute path; absent where it is no file of the workspace. */
  readonly path?: string;
  /** From 0. */
  readonly line: number;
}

export interface Place {
  readonly path: string;
  readonly line: number;
}

/** The part of a span's name that may be a function's: `shop.cart:checkout` means `checkout`; `GET /cart` none. */
export function functionNamed(span: string): string | undefined {
  const last = span
    .split(/[.:#]+/)
    .at(-1)
    ?.replace(/\(\)$/, '');
  return last !== undefined && /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(last) ? last : undefined;
}

/** The place of the only function of that name; of two, nobody knows which is meant. */
export function onlyOne(name: string, candidates: readonly Candidate[]): Place | undefined {
  const found = new Map<string, Place>();
  for (const { name: told, isFunction, path, line } of candidates) {
    // Some languages tell a function with its brackets.
    if (!isFunction || path === undefined || told.replace(/\(.*$/, '') !== name) continue;
    found.set(`${path}:${line}`, { path, line });
  }
  return found.size === 1 ? [...found.values()][0] : undefined;
}
