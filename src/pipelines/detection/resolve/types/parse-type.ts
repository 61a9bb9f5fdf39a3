/** Parses the texts of types in TypeScript, JSDoc and Python. */
import { memberType, type TypeNode } from './type-node.ts';
import { TypeTokens } from './type-tokens.ts';

const unknownType: TypeNode = { kind: 'unknown' };
const maxDepth = 40;

const caches = { python: new Map<string, TypeNode>(), ecmascript: new Map<string, TypeNode>() };
/** Bounds the memory for types that occur once. */
const maxCacheEntries = 20_000;

export function parseType(text: string, isPython: boolean): TypeNode {
  const cache = isPython ? caches.python : caches.ecmascript;
  let type = cache.get(text);
  if (!type) {
    type = new TypeParser(new TypeTokens(text), isPython).parse();
    if (cache.size >= maxCacheEntries) cache.clear();
    cache.set(text, type);
  }
  return type;
}

class TypeParser {
  readonly #tokens: TypeTokens;
  readonly #isPython: boolean;
  #depth = 0;

  constructor(tokens: TypeTokens, isPython: boolean) {
    this.#tokens = tokens;
    this.#isPython = isPython;
  }

  parse(): TypeNode {
    const type = this.#parseUnion();
    return this.#tokens.isAtEnd ? type : unknownType;
  }

  #parseUnion(): TypeNode {
    if (++this.#depth > maxDepth) {
      this.#tokens.giveUp();
      return unknownType;
    }
    this.#tokens.take('|');
    const parts = [this.#parseIntersection()];
    while (this.#tokens.take('|')) parts.push(this.#parseIntersection());
    let type: TypeNode = parts.length > 1 ? { kind: 'union', parts } : (parts[0] as TypeNode);
    if (!this.#isPython && this.#tokens.take('extends')) {
      this.#parseUnion();
      if (this.#tokens.take('?')) {
        const yes = this.#parseUnion();
        this.#tokens.take(':');
        type = { kind: 'conditional', branches: [yes, this.#parseUnion()] };
      }
    } else if (!this.#isPython && this.#tokens.take('is')) {
      this.#parseUnion();
      type = { kind: 'literal', text: 'boolean' };
    }
    this.#depth--;
    return type;
  }

  #parseIntersection(): TypeNode {
    if (this.#isPython) return this.#parsePostfix();
    this.#tokens.take('&');
    const parts = [this.#parsePostfix()];
    while (this.#tokens.take('&')) parts.push(this.#parsePostfix());
    return parts.length > 1 ? { kind: 'intersection', parts } : (parts[0] as TypeNode);
  }

  #parsePostfix(): TypeNode {
    let type = this.#parsePrimary();
    if (this.#isPython) return type;
    for (;;) {
      if (this.#tokens.take('[')) {
        if (this.#tokens.take(']')) {
          type = { kind: 'array', item: type };
          continue;
        }
        const key = this.#parseUnion();
        this.#tokens.take(']');
        type = memberType(type, key);
      } else if (this.#tokens.next === '?' && !/^[^,)\]}>|&:]/.test(this.#tokens.second ?? ')')) this.#tokens.skip(1);
      else if (this.#tokens.next === '!') this.#tokens.skip(1);
      else return type;
    }
  }

  #parsePrimary(): TypeNode {
    const token = this.#tokens.next;
    if (token === undefined) return unknownType;
    this.#tokens.skip(1);
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
        return this.#isPython || this.#tokens.next === undefined ? unknownType : this.#parsePostfix();
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
          if (this.#tokens.next === '(') return this.#parseClosureFunction();
      }
    }
    const names = [token, ...this.#parseNames()];
    const args = this.#parseArguments();
    return { kind: 'reference', names, args };
  }

  #parseNames(): string[] {
    const names: string[] = [];
    while (this.#tokens.next === '.' && /^[\p{L}$_#<]/u.test(this.#tokens.second ?? '')) {
      // `Array.<T>` is an old form of `Array<T>` in comments.
      const isArguments = this.#tokens.second === '<';
      this.#tokens.skip(1);
      if (isArguments) break;
      names.push(this.#tokens.shift() as string);
    }
    return names;
  }

  #parseArguments(): TypeNode[] {
    const [open, close] = this.#isPython ? ['[', ']'] : ['<', '>'];
    if (!this.#tokens.take(open as string)) return [];
    const args: TypeNode[] = [];
    while (this.#tokens.next !== undefined && !this.#tokens.take(close as string)) {
      args.push(this.#parseUnion());
      if (!this.#tokens.take(',') && this.#tokens.next !== close) break;
    }
    return args;
  }

  #parseTypeof(): TypeNode {
    const token = this.#tokens.next;
    if (token === 'import') {
      this.#tokens.skip(1);
      const type = this.#parseImport();
      return type.kind === 'import' ? { kind: 'typeof', from: type.from, names: type.names } : unknownType;
    }
    this.#tokens.skip(1);
    const names = [token ?? '', ...this.#parseNames()];
    this.#parseArguments();
    return { kind: 'typeof', names };
  }

  #parseImport(): TypeNode {
    if (!this.#tokens.take('(')) return unknownType;
    const from = this.#tokens.next?.slice(1, -1) ?? '';
    this.#tokens.skip(1);
    while (this.#tokens.next !== undefined && !this.#tokens.take(')')) this.#tokens.skip(1);
    const names = this.#parseNames();
    return { kind: 'import', from, names, args: this.#parseArguments() };
  }

  #parseTuple(): TypeNode {
    const parts: TypeNode[] = [];
    while (this.#tokens.next !== undefined && !this.#tokens.take(']')) {
      const isRest = this.#tokens.take('...');
      if (/^[\p{L}$_]/u.test(this.#tokens.next) && /^(?::|\?:)$/.test(this.#tokens.second ?? '')) this.#tokens.skip(2);
      const part = this.#parseUnion();
      this.#tokens.take('?');
      parts.push(part);
      if (isRest && part.kind === 'array') {
        this.#tokens.skipTo(']');
        return part;
      }
      if (!this.#tokens.take(',') && this.#tokens.next !== ']') break;
    }
    return { kind: 'tuple', parts };
  }

  /** Parses a type in parentheses or a function type, after the opening parenthesis. */
  #parseParenthesis(typeParameters: readonly string[]): TypeNode {
    if (!this.#tokens.isFunction) {
      const type = this.#parseUnion();
      this.#tokens.take(')');
      return type;
    }
    const parameters: TypeNode[] = [];
    let rest = false;
    while (this.#tokens.next !== undefined && !this.#tokens.take(')')) {
      rest = this.#tokens.take('...');
      this.#tokens.skipParameterName();
      const type = this.#tokens.take(':') || this.#tokens.take('?:') ? this.#parseUnion() : unknownType;
      parameters.push(type);
      if (!this.#tokens.take(',') && this.#tokens.next !== ')') break;
    }
    this.#tokens.take('=>');
    const returns = this.#parseUnion();
    return { kind: 'function', parameters, typeParameters, returns, ...(rest ? { rest: true } : {}) };
  }

  #parseGenericFunction(): TypeNode {
    const names: string[] = [];
    let depth = 1;
    let isStart = true;
    for (; this.#tokens.next !== undefined && depth > 0; this.#tokens.skip(1)) {
      if (this.#tokens.next === '<') depth++;
      else if (this.#tokens.next === '>') depth--;
      else if (depth === 1 && isStart && this.#tokens.next !== 'const') names.push(this.#tokens.next);
      isStart = depth === 1 && (this.#tokens.next === ',' || (isStart && this.#tokens.next === 'const'));
    }
    return this.#tokens.take('(') ? this.#parseParenthesis(names) : unknownType;
  }

  /** Parses `function(A, B): C`, an old form in comments. */
  #parseClosureFunction(): TypeNode {
    this.#tokens.skip(1);
    const parameters: TypeNode[] = [];
    while (this.#tokens.next !== undefined && !this.#tokens.take(')')) {
      parameters.push(this.#parseUnion());
      if (!this.#tokens.take(',') && this.#tokens.next !== ')') break;
    }
    const returns = this.#tokens.take(':') ? this.#parseUnion() : unknownType;
    return { kind: 'function', parameters, typeParameters: [], returns };
  }

  /** Parses an object type after the opening brace. */
  #parseMembers(): TypeNode {
    const members = new Map<string, TypeNode>();
    while (this.#tokens.next !== undefined && !this.#tokens.take('}')) {
      this.#tokens.take('readonly');
      const name = this.#tokens.next.replace(/^['"]|['"]$/g, '');
      this.#tokens.skip(1);
      if (name === '[') {
        this.#tokens.skipTo(']');
        this.#tokens.take('?');
        if (this.#tokens.take(':') || this.#tokens.take('?:')) members.set('[]', this.#parseUnion());
      } else if (this.#tokens.next === '(') {
        this.#tokens.skip(1);
        const type = this.#parseMethod();
        members.set(name, type);
      } else {
        this.#tokens.take('?');
        members.set(name, this.#tokens.take(':') || this.#tokens.take('?:') ? this.#parseUnion() : unknownType);
      }
      while (this.#tokens.take(',') || this.#tokens.take(';'));
    }
    return { kind: 'members', members };
  }

  #parseMethod(): TypeNode {
    const parameters: TypeNode[] = [];
    while (this.#tokens.next !== undefined && !this.#tokens.take(')')) {
      this.#tokens.take('...');
      this.#tokens.skipParameterName();
      parameters.push(this.#tokens.take(':') || this.#tokens.take('?:') ? this.#parseUnion() : unknownType);
      if (!this.#tokens.take(',') && this.#tokens.next !== ')') break;
    }
    const returns = this.#tokens.take(':') ? this.#parseUnion() : unknownType;
    return { kind: 'function', parameters, typeParameters: [], returns };
  }
}
