/** Parses the texts of types in TypeScript, JSDoc and Python. */
import type { TypeNode } from './type-node.ts';

const unknownType: TypeNode = { kind: 'unknown' };
const tokenPattern =
  /\s*(?:(\{#\d+\})|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(`(?:[^`\\]|\\.)*`)|(-?\d[\w.]*)|([\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*)|(=>|->|\.\.\.|\?:|[-+]\?|[^\s]))/uy;
const maxDepth = 40;

const cache = new Map<string, TypeNode>();
/** Bounds the memory for types that occur once. */
const maxCacheEntries = 20_000;

export function parseType(text: string, isPython: boolean): TypeNode {
  const key = isPython ? `p${text}` : `t${text}`;
  let type = cache.get(key);
  if (!type) {
    type = new TypeParser(tokenize(text), isPython).parse();
    if (cache.size >= maxCacheEntries) cache.clear();
    cache.set(key, type);
  }
  return type;
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  for (let match = tokenPattern.exec(text); match; match = tokenPattern.exec(text)) tokens.push(match[0].trim());
  return tokens;
}

class TypeParser {
  readonly #tokens: readonly string[];
  readonly #isPython: boolean;
  #index = 0;
  #depth = 0;

  constructor(tokens: readonly string[], isPython: boolean) {
    this.#tokens = tokens;
    this.#isPython = isPython;
  }

  parse(): TypeNode {
    const type = this.#parseUnion();
    return this.#index === this.#tokens.length ? type : unknownType;
  }

  get #next(): string | undefined {
    return this.#tokens[this.#index];
  }

  #take(token: string): boolean {
    if (this.#next !== token) return false;
    this.#index++;
    return true;
  }

  #parseUnion(): TypeNode {
    if (++this.#depth > maxDepth) {
      this.#index = this.#tokens.length + 1;
      return unknownType;
    }
    this.#take('|');
    const parts = [this.#parseIntersection()];
    while (this.#take('|')) parts.push(this.#parseIntersection());
    let type: TypeNode = parts.length > 1 ? { kind: 'union', parts } : (parts[0] as TypeNode);
    if (!this.#isPython && this.#take('extends')) {
      this.#parseUnion();
      if (this.#take('?')) {
        const yes = this.#parseUnion();
        this.#take(':');
        type = { kind: 'conditional', branches: [yes, this.#parseUnion()] };
      }
    } else if (!this.#isPython && this.#take('is')) {
      this.#parseUnion();
      type = { kind: 'literal', text: 'boolean' };
    }
    this.#depth--;
    return type;
  }

  #parseIntersection(): TypeNode {
    if (this.#isPython) return this.#parsePostfix();
    this.#take('&');
    const parts = [this.#parsePostfix()];
    while (this.#take('&')) parts.push(this.#parsePostfix());
    return parts.length > 1 ? { kind: 'intersection', parts } : (parts[0] as TypeNode);
  }

  #parsePostfix(): TypeNode {
    let type = this.#parsePrimary();
    if (this.#isPython) return type;
    for (;;) {
      if (this.#take('[')) {
        if (this.#take(']')) {
          type = { kind: 'array', item: type };
          continue;
        }
        const key = this.#parseUnion();
        this.#take(']');
        type = memberType(type, key);
      } else if (this.#next === '?' && !/^[^,)\]}>|&:]/.test(this.#tokens[this.#index + 1] ?? ')')) this.#index++;
      else if (this.#next === '!') this.#index++;
      else return type;
    }
  }

  #parsePrimary(): TypeNode {
    const token = this.#next;
    if (token === undefined) return unknownType;
    this.#index++;
    if (/^\{#\d/.test(token)) return { kind: 'object', definition: Number(token.slice(2, -1)) };
    if (/^["']/.test(token)) {
      return this.#isPython ? parseType(token.slice(1, -1), true) : { kind: 'literal', text: token.slice(1, -1) };
    }
    if (/^[`\d-]/.test(token)) return { kind: 'literal', text: token };
    switch (token) {
      case '(':
        return this.#parseParenthesis([]);
      case '<':
        return this.#parseGenericFunction();
      case '[':
        return this.#parseTuple();
      case '{':
        return this.#parseMembers();
      case '?':
      case '*':
      case '...':
        return this.#isPython || this.#next === undefined ? unknownType : this.#parsePostfix();
      default:
        return /^[\p{L}$_#]/u.test(token) ? this.#parseName(token) : unknownType;
    }
  }

  #parseName(token: string): TypeNode {
    if (!this.#isPython) {
      switch (token) {
        case 'keyof':
        case 'infer':
        case 'unique':
          this.#parsePostfix();
          return { kind: 'literal', text: token };
        case 'readonly':
          return this.#parsePostfix();
        case 'asserts':
          return { kind: 'literal', text: token };
        case 'abstract':
          return this.#parsePrimary();
        case 'new': {
          const type = this.#parsePrimary();
          return type.kind === 'function' ? { ...type, constructs: true } : type;
        }
        case 'typeof':
          return this.#parseTypeof();
        case 'import':
          return this.#parseImport();
        case 'function':
          if (this.#next === '(') return this.#parseClosureFunction();
      }
    }
    const names = [token, ...this.#parseNames()];
    const args = this.#parseArguments();
    return { kind: 'reference', names, args };
  }

  #parseNames(): string[] {
    const names: string[] = [];
    while (this.#next === '.' && /^[\p{L}$_#<]/u.test(this.#tokens[this.#index + 1] ?? '')) {
      this.#index++;
      // `Array.<T>` is an old form of `Array<T>` in comments.
      if (this.#tokens[this.#index] === '<') break;
      names.push(this.#tokens[this.#index++] as string);
    }
    return names;
  }

  #parseArguments(): TypeNode[] {
    const [open, close] = this.#isPython ? ['[', ']'] : ['<', '>'];
    if (!this.#take(open as string)) return [];
    const args: TypeNode[] = [];
    while (this.#next !== undefined && !this.#take(close as string)) {
      args.push(this.#parseUnion());
      if (!this.#take(',') && this.#next !== close) break;
    }
    return args;
  }

  #parseTypeof(): TypeNode {
    const token = this.#next;
    if (token === 'import') {
      this.#index++;
      const type = this.#parseImport();
      return type.kind === 'import' ? { kind: 'typeof', from: type.from, names: type.names } : unknownType;
    }
    this.#index++;
    const names = [token ?? '', ...this.#parseNames()];
    this.#parseArguments();
    return { kind: 'typeof', names };
  }

  #parseImport(): TypeNode {
    if (!this.#take('(')) return unknownType;
    const from = this.#next?.slice(1, -1) ?? '';
    this.#index++;
    while (this.#next !== undefined && !this.#take(')')) this.#index++;
    const names = this.#parseNames();
    return { kind: 'import', from, names, args: this.#parseArguments() };
  }

  #parseTuple(): TypeNode {
    const parts: TypeNode[] = [];
    while (this.#next !== undefined && !this.#take(']')) {
      const isRest = this.#take('...');
      if (/^[\p{L}$_]/u.test(this.#next) && /^(?::|\?:)$/.test(this.#tokens[this.#index + 1] ?? '')) this.#index += 2;
      const part = this.#parseUnion();
      this.#take('?');
      parts.push(part);
      if (isRest && part.kind === 'array') return this.#skipTo(']', part);
      if (!this.#take(',') && this.#next !== ']') break;
    }
    return { kind: 'tuple', parts };
  }

  #skipTo(token: string, type: TypeNode): TypeNode {
    while (this.#next !== undefined && !this.#take(token)) this.#index++;
    return type;
  }

  /** Parses a type in parentheses or a function type, after the opening parenthesis. */
  #parseParenthesis(typeParameters: readonly string[]): TypeNode {
    const start = this.#index;
    if (!this.#isFunction(start)) {
      const type = this.#parseUnion();
      this.#take(')');
      return type;
    }
    const parameters: TypeNode[] = [];
    let rest = false;
    while (this.#next !== undefined && !this.#take(')')) {
      rest = this.#take('...');
      this.#skipParameterName();
      const type = this.#take(':') || this.#take('?:') ? this.#parseUnion() : unknownType;
      parameters.push(type);
      if (!this.#take(',') && this.#next !== ')') break;
    }
    this.#take('=>');
    const returns = this.#parseUnion();
    return { kind: 'function', parameters, typeParameters, returns, ...(rest ? { rest: true } : {}) };
  }

  /** Skips the name or pattern of a parameter. */
  #skipParameterName(): void {
    let depth = 0;
    while (this.#next !== undefined) {
      if (depth === 0 && /^(?::|\?:|,|\))$/.test(this.#next)) return;
      if (depth === 0 && this.#next === '?') {
        this.#index++;
        continue;
      }
      if (/^[[{(]$/.test(this.#next)) depth++;
      else if (/^[\]})]$/.test(this.#next)) depth--;
      this.#index++;
    }
  }

  /** Returns whether the parenthesis that opens before `start` is followed by `=>`. */
  #isFunction(start: number): boolean {
    let depth = 1;
    for (let index = start; index < this.#tokens.length; index++) {
      if (this.#tokens[index] === '(') depth++;
      else if (this.#tokens[index] === ')' && --depth === 0) return this.#tokens[index + 1] === '=>';
    }
    return false;
  }

  #parseGenericFunction(): TypeNode {
    const names: string[] = [];
    let depth = 1;
    let isStart = true;
    for (; this.#next !== undefined && depth > 0; this.#index++) {
      if (this.#next === '<') depth++;
      else if (this.#next === '>') depth--;
      else if (depth === 1 && isStart && this.#next !== 'const') names.push(this.#next);
      isStart = depth === 1 && (this.#next === ',' || (isStart && this.#next === 'const'));
    }
    return this.#take('(') ? this.#parseParenthesis(names) : unknownType;
  }

  /** Parses `function(A, B): C`, an old form in comments. */
  #parseClosureFunction(): TypeNode {
    this.#index++;
    const parameters: TypeNode[] = [];
    while (this.#next !== undefined && !this.#take(')')) {
      parameters.push(this.#parseUnion());
      if (!this.#take(',') && this.#next !== ')') break;
    }
    const returns = this.#take(':') ? this.#parseUnion() : unknownType;
    return { kind: 'function', parameters, typeParameters: [], returns };
  }

  /** Parses an object type after the opening brace. */
  #parseMembers(): TypeNode {
    const members = new Map<string, TypeNode>();
    while (this.#next !== undefined && !this.#take('}')) {
      this.#take('readonly');
      const name = this.#next.replace(/^['"]|['"]$/g, '');
      this.#index++;
      if (name === '[') {
        this.#skipTo(']', unknownType);
        this.#take('?');
        if (this.#take(':') || this.#take('?:')) members.set('[]', this.#parseUnion());
      } else if (this.#next === '(') {
        this.#index++;
        const type = this.#parseMethod();
        members.set(name, type);
      } else {
        this.#take('?');
        members.set(name, this.#take(':') || this.#take('?:') ? this.#parseUnion() : unknownType);
      }
      while (this.#take(',') || this.#take(';'));
    }
    return { kind: 'members', members };
  }

  #parseMethod(): TypeNode {
    const parameters: TypeNode[] = [];
    while (this.#next !== undefined && !this.#take(')')) {
      this.#take('...');
      this.#skipParameterName();
      parameters.push(this.#take(':') || this.#take('?:') ? this.#parseUnion() : unknownType);
      if (!this.#take(',') && this.#next !== ')') break;
    }
    const returns = this.#take(':') ? this.#parseUnion() : unknownType;
    return { kind: 'function', parameters, typeParameters: [], returns };
  }
}

function memberType(object: TypeNode, key: TypeNode): TypeNode {
  if (key.kind === 'literal' && !/^-?\d/.test(key.text)) return { kind: 'member', object, name: key.text };
  if (key.kind === 'reference' && key.names.length === 1 && key.names[0] === 'number') {
    return { kind: 'member', object, name: '[]' };
  }
  return unknownType;
}
