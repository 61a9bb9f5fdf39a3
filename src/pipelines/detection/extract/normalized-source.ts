/** Source in the syntax that a grammar supports, as an equivalent of source that it rejects. */
export interface NormalizedSource {
  /** Text of the same length as the source. Calls, scopes and definitions have the same offsets. */
  readonly text: string;
  /** Expressions that the grammar does not accept in their places, in another text of the same length. */
  readonly detached?: string;
  /** Modules that types import; their imports are not in `text`. */
  readonly typeImports: readonly TypeImport[];
}

export interface TypeImport {
  readonly from: string;
  readonly start: number;
}

/**
 * Yields equivalents of a source that the grammar rejects, in the order in which they should be tried. Yields none if the
 * source has syntax errors.
 * @param language id of the language
 */
export type Normalize = (source: string, language: string) => Iterable<NormalizedSource>;
