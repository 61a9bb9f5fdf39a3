import { describeArgument } from './describe-argument.ts';
import { enclosingFunctionName, nameAssignedTo } from './enclosing-function.ts';
import { type FunctionHead, functionHeadAt } from './function-heads.ts';
import type { SourceTokens } from './source-tokens.ts';
import { TokenCursor } from './token-cursor.ts';

/** A function without a name in the code: where its head begins, where its parameters begin, and its name. */
export interface CallbackName {
  readonly start: number;
  readonly parameters: number;
  /** Empty if the code around the function does not tell what it is for. */
  readonly name: string;
  /** True if the program computes the name, as in `{ [key]() {} }`. Then V8 may report a name that is not in the code. */
  readonly isComputed: boolean;
}

/** Matches code that may have a function whose name is computed. */
export const computedKeyPattern = /\]\s*[:=(]/;

const maxKeyLength = 60;
/** Maximum number of brackets and operators between a function and the code that names it. */
const maxDepth = 8;
/** Maximum number of tokens from the start of a function to its body, without those in brackets. */
const maxHeadTokens = 20;

/**
 * Names the anonymous functions of a file after the code that they are passed to, such as `sort comparator in rank`.
 *
 * @param place name of the file, for functions outside of all others
 * @param classNameAt returns the class whose body begins at a bracket, or the empty string
 */
export function findCallbackNames(
  tokens: SourceTokens,
  place: string,
  classNameAt: (offset: number) => string,
): readonly CallbackName[] {
  const cursor = new TokenCursor(tokens);
  const names: CallbackName[] = [];
  for (let index = 0; index < cursor.count; index++) {
    const head = functionHeadAt(cursor, index) ?? computedMethodAt(cursor, index);
    if (head === undefined || head.name !== '') continue;
    const key = computedKeyOf(cursor, head);
    names.push({
      start: cursor.startOf(head.first),
      parameters: cursor.startOf(head.parameters),
      name: key ?? describe(cursor, head, classNameAt).replace('\0', place),
      isComputed: key !== undefined,
    });
  }
  return names.sort((left, right) => left.parameters - right.parameters);
}

/** Returns the head of the method whose computed key this bracket opens; undefined for other tokens. */
function computedMethodAt(cursor: TokenCursor, index: number): FunctionHead | undefined {
  if (cursor.textAt(index) !== '[' || !isComputedKey(cursor, index)) return undefined;
  const parameters = cursor.partnerOf(index) + 1;
  return cursor.textAt(parameters) === '(' ? { first: index, parameters, name: '' } : undefined;
}

/** Returns the code of the computed key of a function, such as `[Symbol.iterator]`; undefined if it has none. */
function computedKeyOf(cursor: TokenCursor, { first }: FunctionHead): string | undefined {
  const isValue = /^[:=]$/.test(cursor.textAt(first - 1)) && cursor.textAt(first - 2) === ']';
  const opener = isValue ? cursor.partnerOf(first - 2) : first;
  if (cursor.textAt(opener) !== '[' || !isComputedKey(cursor, opener)) return undefined;
  const { code, ends } = cursor.tokens;
  const key = code.slice(cursor.startOf(opener), ends[cursor.partnerOf(opener)]).replace(/\s+/g, ' ');
  if (key.length > maxKeyLength) return undefined;
  const accessor = cursor.textAt(opener - 1);
  return accessor === 'get' || accessor === 'set' ? `${accessor} ${key}` : key;
}

/** Returns the name of a function. A zero byte stands for the place of the file. */
function describe(cursor: TokenCursor, head: FunctionHead, classNameAt: (offset: number) => string): string {
  const role = roleOf(cursor, head.first);
  if (role === undefined) return '';
  if (role.kind === 'name') return role.text;
  const outer = enclosingFunctionName(cursor, head.first, classNameAt) || '\0';
  return `${role.text} ${role.kind === 'result' ? 'returned by' : 'in'} ${outer}`;
}

type Role = { readonly kind: 'name' | 'argument' | 'result'; readonly text: string };

/** Returns the use of the value that begins at a token. */
function roleOf(cursor: TokenCursor, first: number, depth = 0): Role | undefined {
  if (depth > maxDepth || first <= 0) return undefined;
  const before = cursor.textAt(first - 1);
  const opener = cursor.parentOf(first);
  switch (before) {
    case '(':
    case ',':
    case '[':
    case '...':
      return roleInBrackets(cursor, first, opener, depth);
    case '=>':
    case 'return':
      return { kind: 'result', text: 'function' };
    case '=': {
      const name = nameAssignedTo(cursor, first - 1);
      return name === '' ? undefined : { kind: 'name', text: name };
    }
    case '{': {
      // An attribute of JSX: onClick={() => …}
      const name = cursor.textAt(opener - 1) === '=' ? cursor.chainEndingAt(opener - 2) : '';
      return name === '' ? undefined : { kind: 'name', text: name };
    }
    case 'void':
    case '!':
    case '+':
    case '-':
    case '~':
      return immediate;
    case '||':
    case '&&':
    case '??':
    case '?':
    case ':':
    case 'await':
      return roleOf(cursor, startOfOperand(cursor, first), depth + 1);
    default:
      return undefined;
  }
}

const immediate: Role = { kind: 'argument', text: 'immediately called function' };

function roleInBrackets(cursor: TokenCursor, first: number, opener: number, depth: number): Role | undefined {
  const bracket = cursor.textAt(opener);
  if (bracket === '[') return isComputedKey(cursor, opener) ? undefined : roleOf(cursor, opener, depth + 1);
  if (bracket !== '(') return undefined;
  const text = describeArgument(cursor, opener, first);
  if (text !== undefined) return { kind: 'argument', text };
  // Brackets around a value: (() => …)()
  const after = cursor.textAt(cursor.partnerOf(opener) + 1);
  const afterFunction = afterBody(cursor, first, opener);
  if (after === '(' || after === '.' || afterFunction === '(') return immediate;
  return roleOf(cursor, opener, depth + 1);
}

/** Returns true for the brackets of `{ [key]: value }`, `{ [key]() {} }` and `class { [key] = value }`. */
function isComputedKey(cursor: TokenCursor, opener: number): boolean {
  const isInBraces = cursor.textAt(cursor.parentOf(opener)) === '{';
  const isFirst = /^(?:[{},;*]|get|set|static|async|readonly|public|private|protected)$/.test(
    cursor.textAt(opener - 1),
  );
  return isInBraces && isFirst && /^[:(=]$/.test(cursor.textAt(cursor.partnerOf(opener) + 1));
}

/** Returns the token after the body in braces of the function in brackets, for `(function () {}())`. */
function afterBody(cursor: TokenCursor, first: number, opener: number): string {
  const closer = cursor.partnerOf(opener);
  for (let index = first; index < Math.min(closer, first + maxHeadTokens); index++) {
    const partner = cursor.partnerOf(index);
    if (cursor.textAt(index) === '{') return cursor.textAt(partner + 1);
    if (partner > index) index = partner;
  }
  return '';
}

/** Returns the token at which the value begins that an operand belongs to. */
function startOfOperand(cursor: TokenCursor, index: number): number {
  let start = index;
  for (const left of cursor.leftOf(index)) {
    if (/^(?:[,;=]|=>|return|\.\.\.)$/.test(cursor.textAt(left))) break;
    start = left;
  }
  return start;
}
