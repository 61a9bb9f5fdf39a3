import { bracketBeforeReturnType, functionHeadAt } from './function-heads.ts';
import type { TokenCursor } from './token-cursor.ts';

/** Maximum number of brackets and arrows that are looked through. */
const maxDepth = 60;

/**
 * Returns the name of the innermost function with a name around a token, with the class of a method. Returns the empty
 * string outside of all functions.
 */
export function enclosingFunctionName(
  cursor: TokenCursor,
  index: number,
  classNameAt: (offset: number) => string,
): string {
  let inner = index;
  for (let depth = 0; depth < maxDepth; depth++) {
    const arrow = arrowAround(cursor, inner);
    const opener = arrow < 0 ? cursor.parentOf(inner) : -1;
    if (arrow < 0 && opener < 0) return '';
    const name = arrow >= 0 ? nameOfFunction(cursor, arrow) : nameOfBody(cursor, opener, classNameAt);
    if (name !== '') return name;
    inner = arrow >= 0 ? (functionHeadAt(cursor, arrow)?.first ?? -1) : opener;
    if (inner < 0) return '';
  }
  return '';
}

/** Returns the arrow of the function whose body, without braces, contains a token; -1 if there is none. */
function arrowAround(cursor: TokenCursor, index: number): number {
  for (const left of cursor.leftOf(index)) {
    const text = cursor.textAt(left);
    if (text === '=>') return left;
    if (text === ',' || text === '=') return -1;
  }
  return -1;
}

/** Returns the name of the function whose body begins with a bracket; the empty string if it is not one or has none. */
function nameOfBody(cursor: TokenCursor, opener: number, classNameAt: (offset: number) => string): string {
  if (cursor.textAt(opener) !== '{') return '';
  if (cursor.textAt(opener - 1) === '=>') return nameOfFunction(cursor, opener - 1);
  const parameters =
    cursor.textAt(opener - 1) === ')' ? cursor.partnerOf(opener - 1) : bracketBeforeReturnType(cursor, opener);
  if (parameters < 0) return '';
  const types = cursor.skipTypeArguments(parameters - 1);
  const before = types === parameters - 1 ? types : types - 1;
  if (cursor.textAt(before) === 'function') return nameOfFunction(cursor, before);
  if (cursor.textAt(before) === '*' && cursor.textAt(before - 1) === 'function')
    return nameOfFunction(cursor, before - 1);
  if (!cursor.isName(before)) return '';
  const name = cursor.textAt(before);
  if (/^(?:function|\*)$/.test(cursor.textAt(before - 1)) && isDeclared(cursor, before)) return name;
  const body = cursor.parentOf(before);
  const className = body < 0 ? '' : classNameAt(cursor.startOf(body));
  if (className === '') return name;
  return name === 'constructor' ? className : `${className}.${name}`;
}

/** Returns true for a name after the keyword `function`, rather than that of a generator method. */
function isDeclared(cursor: TokenCursor, name: number): boolean {
  const before = cursor.textAt(name - 1) === '*' ? name - 2 : name - 1;
  return cursor.textAt(before) === 'function';
}

/** Returns the name of the function with this keyword or arrow: its own, or that of the variable or property for it. */
function nameOfFunction(cursor: TokenCursor, index: number): string {
  const head = functionHeadAt(cursor, index);
  if (head === undefined) return '';
  if (head.name !== '') return head.name;
  const before = cursor.textAt(head.first - 1);
  if (before === '=') return nameAssignedTo(cursor, head.first - 1);
  if (before === ':' && cursor.isName(head.first - 2) && /^[{,]$/.test(cursor.textAt(head.first - 3)))
    return cursor.textAt(head.first - 2);
  return '';
}

/** Returns the name in front of a `=`: of a variable, with or without a type, or of a property without `this`. */
export function nameAssignedTo(cursor: TokenCursor, equals: number): string {
  const chain = cursor.chainEndingAt(equals - 1);
  const isType = /^[:|&<]$/.test(cursor.textAt(cursor.startOfChain(equals - 1) - 1));
  if (chain !== '' && !isType) return chain;
  for (const left of cursor.leftOf(equals)) {
    const text = cursor.textAt(left);
    if (text === '=') return '';
    if (/^(?:const|let|var)$/.test(text)) return cursor.isName(left + 1) ? cursor.textAt(left + 1) : '';
  }
  return '';
}
