import type { SourceTokens } from './source-tokens.ts';

/** Maximum number of steps from one token to the left. */
const maxSteps = 200;
const identifier = /^[\p{ID_Start}$_#]/u;
/** Words that are no variable, and after which a value begins. */
const keyword =
  /^(?:if|for|while|switch|catch|with|return|typeof|case|in|of|delete|void|throw|new|else|do|instanceof|yield|await|default|extends|function|import|export|from|const|let|var|async|static|try|finally)$/;
/** Tokens with which a statement or a value cannot begin, so that a line break in front of them ends nothing. */
const continuation =
  /^(?:[.,;:)\]}=+\-*/%&|^<>?([`]|=>|\?\.|\|\||&&|\?\?|[=!]==?|in|of|instanceof|as|satisfies|extends|implements)$/;

/** Reads tokens by their index and walks over them from right to left. */
export class TokenCursor {
  readonly tokens: SourceTokens;

  constructor(tokens: SourceTokens) {
    this.tokens = tokens;
  }

  get count(): number {
    return this.tokens.starts.length;
  }

  textAt(index: number): string {
    const { code, starts, ends } = this.tokens;
    return index < 0 ? '' : code.slice(starts[index], ends[index]);
  }

  startOf(index: number): number {
    return this.tokens.starts[index] ?? -1;
  }

  /** Index of the bracket that belongs to this one, or -1. */
  partnerOf(index: number): number {
    return this.tokens.partners[index] ?? -1;
  }

  /** Index of the opening bracket around a token, or -1. */
  parentOf(index: number): number {
    return this.tokens.parents[index] ?? -1;
  }

  /** Returns true for the name of a variable, property or function. */
  isName(index: number): boolean {
    const text = this.textAt(index);
    return identifier.test(text) && (!keyword.test(text) || /^\??\.$/.test(this.textAt(index - 1)));
  }

  /** Returns the token before this one or, if that is a closing bracket, the bracket that opens it. */
  skipLeft(index: number): number {
    const partner = this.partnerOf(index - 1);
    return partner >= 0 && partner < index - 1 ? partner : index - 1;
  }

  /**
   * Returns the indices of the tokens to the left between the same brackets, the nearest first, up to the start of the
   * statement. Contents of other brackets are left out.
   */
  *leftOf(index: number): Generator<number> {
    const opener = this.parentOf(index);
    let right = index;
    for (let step = 0; step < maxSteps; step++) {
      const left = this.skipLeft(right);
      if (left <= opener || left < 0 || this.#isStatementEnd(right)) return;
      yield left;
      right = left;
    }
  }

  /** Returns true if a statement ends in front of a token, as far as this can be seen without a parser. */
  #isStatementEnd(index: number): boolean {
    const previous = this.textAt(index - 1);
    if (previous === ';') return true;
    const { code, starts, ends } = this.tokens;
    // A block ends a statement; an object literal is followed by an operator.
    const isValueEnd = /^(?:[\p{ID_Continue}$#]+|["'].*|[)\]}`])$/su.test(previous) && !keyword.test(previous);
    if (!isValueEnd || continuation.test(this.textAt(index))) return false;
    return code.slice(ends[index - 1], starts[index]).includes('\n');
  }

  /**
   * Returns the name at the end of a chain such as `this.handlers.data`, without `this`. Returns the empty string if the token
   * is not the end of one.
   */
  chainEndingAt(index: number): string {
    if (!this.isName(index)) return '';
    const names: string[] = [];
    for (let end = index; end >= this.startOfChain(index); end -= 2) names.unshift(this.textAt(end));
    return names.filter((name, position) => name !== 'this' || position > 0).join('.');
  }

  /** Returns the first token of a chain such as `this.handlers.data` by its last one. */
  startOfChain(index: number): number {
    let start = index;
    while (/^\??\.$/.test(this.textAt(start - 1)) && this.isName(start - 2)) start -= 2;
    return start;
  }

  /** Returns the index of the `<` of type arguments that end at this `>`; the index itself if there is none. */
  skipTypeArguments(index: number): number {
    if (this.textAt(index) !== '>') return index;
    let depth = 1;
    for (const left of this.leftOf(index)) {
      const text = this.textAt(left);
      if (text === '>') depth++;
      else if (text === '<') depth--;
      if (depth === 0) return left;
    }
    return index;
  }
}
