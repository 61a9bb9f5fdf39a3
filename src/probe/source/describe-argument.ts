import type { TokenCursor } from './token-cursor.ts';

/** Roles of functions that are passed to these methods; others are callbacks. */
const roles: ReadonlyMap<string, string> = new Map([
  ['sort', 'comparator'],
  ['toSorted', 'comparator'],
  ['replace', 'replacer'],
  ['replaceAll', 'replacer'],
  ['stringify', 'replacer'],
  ['on', 'listener'],
  ['once', 'listener'],
  ['addListener', 'listener'],
  ['prependListener', 'listener'],
  ['prependOnceListener', 'listener'],
  ['addEventListener', 'listener'],
]);
/** Methods to which routers give a function for a path. */
const routeMethods = /^(?:get|post|put|patch|delete|head|options|all|use|route)$/;
const maxTextLength = 40;

/**
 * Describes a function by the call that it is passed to: `sort comparator`, `on('data') listener`, `Promise executor`.
 *
 * @param opener bracket of the call
 * @param first token of the function
 * @returns undefined if the bracket is not that of a call with a name
 */
export function describeArgument(cursor: TokenCursor, opener: number, first: number): string | undefined {
  const callee = calleeBefore(cursor, opener);
  if (callee < 0) return undefined;
  const name = cursor.textAt(callee);
  if (isConstructed(cursor, callee)) return name === 'Promise' ? 'Promise executor' : `new ${name} callback`;
  const text = opener + 1 < first ? literalAt(cursor, opener + 1) : undefined;
  if (text === undefined) return `${name} ${roles.get(name) ?? 'callback'}`;
  const isRoute = routeMethods.test(name) && text.startsWith('/');
  return `${name}('${text}') ${isRoute ? 'handler' : (roles.get(name) ?? 'callback')}`;
}

/** Returns the token with the name of the function that is called with this bracket, or -1. */
function calleeBefore(cursor: TokenCursor, opener: number): number {
  let callee = opener - 1;
  if (cursor.textAt(callee) === '?.') callee--;
  const types = cursor.skipTypeArguments(callee);
  if (types !== callee) callee = types - 1;
  // A call of the result of a call, or of an element: it has the name in front.
  for (let step = 0; step < 3 && cursor.partnerOf(callee) >= 0 && /^[)\]]$/.test(cursor.textAt(callee)); step++)
    callee = cursor.partnerOf(callee) - 1;
  const isDeclared = cursor.textAt(callee - 1) === 'function';
  return cursor.isName(callee) && !isDeclared ? callee : -1;
}

function isConstructed(cursor: TokenCursor, callee: number): boolean {
  return cursor.textAt(cursor.startOfChain(callee) - 1) === 'new';
}

/** Returns the text of a string at a token, cut if it is long; undefined if there is no string. */
function literalAt(cursor: TokenCursor, index: number): string | undefined {
  const literal = cursor.textAt(index);
  if (!/^['"]/.test(literal) || cursor.textAt(index + 1) !== ',') return undefined;
  const text = literal.slice(1, -1).replace(/\s+/g, ' ');
  return text.length <= maxTextLength ? text : `${text.slice(0, maxTextLength - 1)}…`;
}
