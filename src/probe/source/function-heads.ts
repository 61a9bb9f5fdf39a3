import type { TokenCursor } from './token-cursor.ts';

/** A function in the tokens of a file. */
export interface FunctionHead {
  /** First token: `async`, `function`, a parameter or the bracket around the parameters. */
  readonly first: number;
  /** Token at which V8 says that the function begins: the bracket around the parameters, or the parameter. */
  readonly parameters: number;
  /** Name after the keyword `function`; empty without one. */
  readonly name: string;
}

/** Returns the head of the function whose keyword or arrow this token is; undefined for other tokens. */
export function functionHeadAt(cursor: TokenCursor, index: number): FunctionHead | undefined {
  const text = cursor.textAt(index);
  if (text === 'function') return keywordHead(cursor, index);
  return text === '=>' ? arrowHead(cursor, index) : undefined;
}

function keywordHead(cursor: TokenCursor, index: number): FunctionHead | undefined {
  if (/^\??\.$/.test(cursor.textAt(index - 1))) return undefined;
  let next = index + 1;
  if (cursor.textAt(next) === '*') next++;
  const name = cursor.isName(next) ? cursor.textAt(next) : '';
  if (name !== '') next++;
  if (cursor.textAt(next) !== '(') return undefined;
  return { first: withAsync(cursor, index), parameters: next, name };
}

function arrowHead(cursor: TokenCursor, index: number): FunctionHead | undefined {
  const before = cursor.textAt(index - 1);
  if (cursor.isName(index - 1) && cursor.textAt(index - 2) !== ':') {
    // `(): Name =>` has a return type instead of a parameter.
    return { first: withAsync(cursor, index - 1), parameters: index - 1, name: '' };
  }
  const bracket = before === ')' ? cursor.partnerOf(index - 1) : bracketBeforeReturnType(cursor, index);
  if (bracket < 0) return undefined;
  return { first: withAsync(cursor, bracket), parameters: bracket, name: '' };
}

/** Returns the bracket around the parameters in front of `: Type`, up to a token; -1 if there is none. */
export function bracketBeforeReturnType(cursor: TokenCursor, index: number): number {
  for (const left of cursor.leftOf(index)) {
    const text = cursor.textAt(left);
    if (text === ':' && cursor.textAt(left - 1) === ')') return cursor.partnerOf(left - 1);
    if (!/^[\p{ID_Start}$_.|&<>([{,?'"`]/u.test(text) || text === '=>') return -1;
  }
  return -1;
}

function withAsync(cursor: TokenCursor, index: number): number {
  return cursor.textAt(index - 1) === 'async' ? index - 1 : index;
}
