/** Reads callee texts and types from the syntax trees of JavaScript and TypeScript. */
import type { Node } from 'web-tree-sitter';
import { defined } from '../../../protocol/defined.ts';
import { type CalleeStep, formatCallee, plainNamePattern } from '../extract/facts/callee-text.ts';

export interface EcmascriptCallee {
  readonly text: string;
  /** Start of the expression, without operators that the grammar wrongly includes in it. */
  readonly start: number;
  /** Start of the last name in the expression. */
  readonly nameStart: number;
  /** A construction that the grammar misreads as a callee: it parses `new a.b!.C()` as a call of `new a.b`. */
  readonly constructed?: Node;
}

/**
 * Expressions that bind weaker than a call. Before `!` or `<T>`, the grammar wrongly puts them inside the callee. The value
 * is the field of the operand that is the actual callee; an empty value stands for the last child.
 */
const operandOf: Readonly<Record<string, string | undefined>> = {
  await_expression: '',
  unary_expression: 'argument',
  update_expression: 'argument',
  yield_expression: '',
  binary_expression: 'right',
  ternary_expression: 'alternative',
  assignment_expression: 'right',
  augmented_assignment_expression: 'right',
  arrow_function: 'body',
};

const literalTypes: Readonly<Record<string, string>> = {
  string: 'string',
  template_string: 'string',
  array: 'Array',
  regex: 'RegExp',
  number: 'number',
};

/** Reads the callee of a call. */
export function readCallee(node: Node, source: string): EcmascriptCallee {
  const steps: CalleeStep[] = [];
  let nameStart = -1;
  let constructed: Node | undefined;
  let current: Node | null = node;
  let start = node.startIndex;
  /** True after `new`, because the expression starts there. */
  let hasFixedStart = false;
  const end = (step: CalleeStep): EcmascriptCallee => {
    steps.push(step);
    const text = formatCallee(steps.reverse());
    return { text, start, nameStart: nameStart < 0 ? start : nameStart, ...defined({ constructed }) };
  };
  while (current) {
    const type: string = current.type;
    const field: string | undefined = operandOf[type];
    if (field !== undefined) {
      current = field === '' ? current.lastNamedChild : current.childForFieldName(field);
      continue;
    }
    if (!hasFixedStart) start = current.startIndex;
    switch (type) {
      case 'identifier':
      case 'this':
      case 'super':
      case 'import':
      case 'type_identifier':
      case 'meta_property':
        if (nameStart < 0) nameStart = current.startIndex;
        return end(source.slice(current.startIndex, current.endIndex));
      case 'member_expression': {
        const property = current.childForFieldName('property');
        if (!property) return end('?');
        if (nameStart < 0) nameStart = property.startIndex;
        steps.push(source.slice(property.startIndex, property.endIndex));
        current = current.childForFieldName('object');
        break;
      }
      case 'non_null_expression':
      case 'instantiation_expression':
        current = current.firstNamedChild;
        break;
      case 'call_expression':
        if (nameStart < 0) nameStart = start;
        if (source.startsWith('await', current.startIndex) && isAwait(current, source)) {
          const operand = current.childForFieldName('arguments');
          if (!operand) return end('?');
          start = operand.startIndex;
          const inner: EcmascriptCallee = readParenthesized(operand, source);
          if (nameStart < 0) nameStart = inner.nameStart;
          return end(inner.text);
        }
        steps.push('()');
        current = current.childForFieldName('function');
        break;
      case 'subscript_expression':
        if (nameStart < 0) nameStart = current.startIndex;
        steps.push('[]');
        current = current.childForFieldName('object');
        break;
      case 'new_expression':
        if (!current.childForFieldName('arguments')) {
          constructed = current;
          const inner = current.childForFieldName('constructor');
          const text = inner ? source.slice(inner.startIndex, inner.endIndex) : '?';
          return end(plainNamePattern.test(text) ? text : '?');
        }
        steps.push('new()');
        hasFixedStart = true;
        current = current.childForFieldName('constructor');
        break;
      case 'parenthesized_expression': {
        const inner: EcmascriptCallee = readParenthesized(current, source);
        if (nameStart < 0) nameStart = inner.nameStart;
        return end(inner.text);
      }
      default: {
        const literal = literalTypes[type];
        return end(literal ? `(as ${literal})` : '?');
      }
    }
  }
  return end('?');
}

/** Detects `await (x)`, which the grammar parses as a call of a function named `await` outside of an async function. */
function isAwait(call: Node, source: string): boolean {
  const callee = call.childForFieldName('function');
  return callee?.type === 'identifier' && source.slice(callee.startIndex, callee.endIndex) === 'await';
}

/** Reads an expression in parentheses. */
function readParenthesized(node: Node, source: string): EcmascriptCallee {
  const unknown: EcmascriptCallee = { text: '?', start: node.startIndex, nameStart: node.startIndex };
  const inner = node.namedChildren.find(({ type }) => type !== 'comment');
  switch (inner?.type) {
    case 'identifier':
    case 'member_expression':
    case 'call_expression':
    case 'new_expression':
    case 'await_expression':
    case 'non_null_expression':
    case 'parenthesized_expression':
    case 'instantiation_expression':
      return readCallee(inner, source);
    case 'as_expression':
    case 'satisfies_expression': {
      const type = readTypeName(inner.lastNamedChild, source);
      return type ? { ...unknown, text: `(as ${type})` } : unknown;
    }
    case 'type_assertion': {
      const type = readTypeName(inner.firstNamedChild?.firstNamedChild ?? null, source);
      return type ? { ...unknown, text: `(as ${type})` } : unknown;
    }
    default:
      return unknown;
  }
}

/** Generic types that are treated like their type argument. */
const transparentTypes = new Set([
  'Promise',
  'Readonly',
  'Partial',
  'Required',
  'NonNullable',
  'Awaited',
  'PromiseLike',
]);

/** Returns the dotted name of a type without type arguments, or undefined if it is not a single named type. */
export function readTypeName(node: Node | null, source: string): string | undefined {
  let current = node;
  while (current) {
    switch (current.type) {
      case 'type_annotation':
      case 'parenthesized_type':
      case 'readonly_type':
        current = current.firstNamedChild;
        break;
      case 'type_identifier':
      case 'identifier':
      case 'nested_type_identifier':
      case 'predefined_type':
        // The text is empty if the parser inserted a missing name.
        return source.slice(current.startIndex, current.endIndex) || undefined;
      case 'this_type':
        return 'this';
      case 'array_type':
      case 'tuple_type':
        return 'Array';
      case 'function_type':
        return 'Function';
      case 'generic_type': {
        const name: string = source.slice(current.firstNamedChild?.startIndex, current.firstNamedChild?.endIndex);
        if (!transparentTypes.has(name)) return name || undefined;
        current = current.namedChild(1)?.firstNamedChild ?? null;
        break;
      }
      case 'union_type': {
        const named = flattenUnion(current).filter(
          (part) => part.type !== 'literal_type' && part.type !== 'predefined_type',
        );
        if (named.length !== 1) return undefined;
        current = named[0] ?? null;
        break;
      }
      default:
        return undefined;
    }
  }
  return undefined;
}

function flattenUnion(node: Node): Node[] {
  return node.namedChildren.flatMap((part) => (part.type === 'union_type' ? flattenUnion(part) : [part]));
}

/** Module or exported name that a `require` or `import` call returns; `name` is `*` for the module itself. */
export interface RequiredModule {
  readonly from: string;
  readonly name: string;
}

const requirePattern = /^(?:await\s+)?(?:require|import)\(\s*(['"`])([^'"`\\]+)\1\s*\)(?:\.([\w$]+))?$/;

/** Reads `require('x')`, `require('x').name` and `await import('x')`. Returns undefined for other expressions. */
export function readRequire(value: Node, source: string): RequiredModule | undefined {
  const length = value.endIndex - value.startIndex;
  if (length > 300) return undefined;
  const match = requirePattern.exec(source.slice(value.startIndex, value.endIndex));
  return match ? { from: match[2] as string, name: match[3] ?? '*' } : undefined;
}
