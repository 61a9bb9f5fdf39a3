/** The tokens of a type's text and the position of the parser in them. */

const tokenPattern =
  /\s*(?:(\{#\d+\})|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(`(?:[^`\\]|\\.)*`)|(-?\d[\w.]*)|([\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*)|(=>|->|\.\.\.|\?:|[-+]\?|[^\s]))/uy;

export class TypeTokens {
  readonly #tokens: readonly string[];
  #index = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  get next(): string | undefined {
    return this.#tokens[this.#index];
  }

  /** Token after the next one. */
  get second(): string | undefined {
    return this.#tokens[this.#index + 1];
  }

  get isAtEnd(): boolean {
    return this.#index === this.#tokens.length;
  }

  /** Skips all tokens, so that the type counts as unknown. */
  giveUp(): void {
    this.#index = this.#tokens.length + 1;
  }

  /** Skips the next token if it is this one. Returns whether it was. */
  take(token: string): boolean {
    if (this.next !== token) return false;
    this.#index++;
    return true;
  }

  skip(count: number): void {
    this.#index += count;
  }

  shift(): string | undefined {
    return this.#tokens[this.#index++];
  }

  /** Skips the rest up to a token and the token itself. */
  skipTo(token: string): void {
    while (this.next !== undefined && !this.take(token)) this.#index++;
  }

  /** Skips the name or pattern of a parameter. */
  skipParameterName(): void {
    let depth = 0;
    while (this.next !== undefined) {
      if (depth === 0 && /^(?::|\?:|,|\))$/.test(this.next)) return;
      if (depth === 0 && this.next === '?') {
        this.#index++;
        continue;
      }
      if (/^[[{(]$/.test(this.next)) depth++;
      else if (/^[\]})]$/.test(this.next)) depth--;
      this.#index++;
    }
  }

  /** Returns whether the parenthesis that was just opened is followed by `=>`. */
  get isFunction(): boolean {
    let depth = 1;
    for (let index = this.#index; index < this.#tokens.length; index++) {
      if (this.#tokens[index] === '(') depth++;
      else if (this.#tokens[index] === ')' && --depth === 0) return this.#tokens[index + 1] === '=>';
    }
    return false;
  }
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  for (let match = tokenPattern.exec(text); match; match = tokenPattern.exec(text)) tokens.push(match[0].trim());
  return tokens;
}
