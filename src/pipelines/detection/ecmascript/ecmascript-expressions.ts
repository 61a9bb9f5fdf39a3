/** Reads callee texts and types out of the trees of JavaScript and TypeScript. */
import type { Node } from 'web-tree-sitter';
import { defined } from '../../../protocol/defined.ts';
import { plainName, type Step, textOf } from '../extract/callee-text.ts';

export interface Callee {
  readonly text: string;
  /** Where the expression starts, after what the grammar binds too tightly. */
  readonly start: number;
  /** Where its last name starts. */
  readonly nameAt: number;
  /** The construction that the grammar has taken for a callee: `new a.b!.C()` is read as a call of `new a.b`. */
  readonly constructed?: Node;
}

/** Expressions that bind weaker than a call, which the grammar puts inside its callee where `!` or `<T>` follow. */
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

const literals: Readonly<Record<string, string>> = {
  string: 'string',
  template_string: 'string',
  array: 'Array',
  regex: 'RegExp',
  number: 'number',
};

/** What is called by `node`, the callee of a call. */
export function calleeOf(node: Node, source: string): Callee {
  const steps: Step[] = [];
  let nameAt = -1;
  let constructed: Node | undefined;
  let at: Node | null = node;
  let start = node.startIndex;
  /** What follows stands behind a `new`. */
  let fixed = false;
  const end = (step: Step): Callee => {
    steps.push(step);
    const text = textOf(steps.reverse());
    return { text, start, nameAt: nameAt < 0 ? start : nameAt, ...defined({ constructed }) };
  };
  while (at) {
    const type: string = at.type;
    const field: string | undefined = operandOf[type];
    if (field !== undefined) {
      at = field === '' ? at.lastNamedChild : at.childForFieldName(field);
      continue;
    }
    if (!fixed) start = at.startIndex;
    switch (type) {
      case 'identifier':
      case 'this':
      case 'super':
      case 'import':
      case 'type_identifier':
      case 'meta_property':
        if (nameAt < 0) nameAt = at.startIndex;
        return end(source.slice(at.startIndex, at.endIndex));
      case 'member_expression': {
        const property = at.childForFieldName('property');
        if (!property) return end('?');
        if (nameAt < 0) nameAt = property.startIndex;
        steps.push(source.slice(property.startIndex, property.endIndex));
        at = at.childForFieldName('object');
        break;
      }
      case 'non_null_expression':
      case 'instantiation_expression':
        at = at.firstNamedChild;
        break;
      case 'call_expression':
        if (nameAt < 0) nameAt = start;
        if (source.startsWith('await', at.startIndex) && isAwait(at, source)) {
          start = at.childForFieldName('arguments')?.startIndex ?? start;
          return end('?');
        }
        steps.push('()');
        at = at.childForFieldName('function');
        break;
      case 'subscript_expression':
        if (nameAt < 0) nameAt = at.startIndex;
        steps.push('[]');
        at = at.childForFieldName('object');
        break;
      case 'new_expression':
        if (!at.childForFieldName('arguments')) {
          constructed = at;
          const inner = at.childForFieldName('constructor');
          const text = inner ? source.slice(inner.startIndex, inner.endIndex) : '?';
          return end(plainName.test(text) ? text : '?');
        }
        steps.push('new()');
        fixed = true;
        at = at.childForFieldName('constructor');
        break;
      case 'parenthesized_expression': {
        const inner: Callee = insideOf(at, source);
        if (nameAt < 0) nameAt = inner.nameAt;
        return end(inner.text);
      }
      default: {
        const literal = literals[type];
        return end(literal ? `(as ${literal})` : '?');
      }
    }
  }
  return end('?');
}

/** `await (x)` outside of what the grammar knows to be asynchronous is read as a call of a function named `await`. */
function isAwait(call: Node, source: string): boolean {
  const called = call.childForFieldName('function');
  return called?.type === 'identifier' && source.slice(called.startIndex, called.endIndex) === 'await';
}

/** What stands in parentheses: a name, a member, an awaited value, or a value with its type. */
function insideOf(node: Node, source: string): Callee {
  const unknown: Callee = { text: '?', start: node.startIndex, nameAt: node.startIndex };
  const inner = node.firstNamedChild;
  switch (inner?.type) {
    case 'identifier':
    case 'member_expression':
    case 'call_expression':
    case 'new_expression':
    case 'await_expression':
    case 'non_null_expression':
    case 'parenthesized_expression':
    case 'instantiation_expression':
      return calleeOf(inner, source);
    case 'as_expression':
    case 'satisfies_expression': {
      const type = typeName(inner.lastNamedChild, source);
      return type ? { ...unknown, text: `(as ${type})` } : unknown;
    }
    case 'type_assertion': {
      const type = typeName(inner.firstNamedChild?.firstNamedChild ?? null, source);
      return type ? { ...unknown, text: `(as ${type})` } : unknown;
    }
    default:
      return unknown;
  }
}

/** Expression of a variable's value as callee text, where it leads anywhere. */
export function valueText(node: Node, source: string): string | undefined {
  const text = source.slice(node.startIndex, node.endIndex);
  if (plainName.test(text)) return /^\d/.test(text) ? '(as number)' : text;
  const value =
    node.type === 'as_expression' || node.type === 'satisfies_expression' ? asValue(node, source) : undefined;
  const callee =
    value ?? (operandOf[node.type] && node.type !== 'await_expression' ? '?' : calleeOf(node, source).text);
  return callee.includes('?') || callee.length > 300 ? undefined : callee;
}

function asValue(node: Node, source: string): string {
  const type = typeName(node.lastNamedChild, source);
  return type ? `(as ${type})` : '?';
}

/** Wrappers whose member calls are those of what they wrap. */
const transparent = new Set(['Promise', 'Readonly', 'Partial', 'Required', 'NonNullable', 'Awaited', 'PromiseLike']);

/** Dotted name of a type without its arguments, where there is one. */
export function typeName(node: Node | null, source: string): string | undefined {
  let at = node;
  while (at) {
    switch (at.type) {
      case 'type_annotation':
      case 'parenthesized_type':
      case 'readonly_type':
        at = at.firstNamedChild;
        break;
      case 'type_identifier':
      case 'identifier':
      case 'nested_type_identifier':
      case 'predefined_type':
        return source.slice(at.startIndex, at.endIndex);
      case 'this_type':
        return 'this';
      case 'array_type':
      case 'tuple_type':
        return 'Array';
      case 'function_type':
        return 'Function';
      case 'generic_type': {
        const name: string = source.slice(at.firstNamedChild?.startIndex, at.firstNamedChild?.endIndex);
        if (!transparent.has(name)) return name;
        at = at.namedChild(1)?.firstNamedChild ?? null;
        break;
      }
      case 'union_type': {
        const named = unionParts(at).filter((part) => part.type !== 'literal_type' && part.type !== 'predefined_type');
        if (named.length !== 1) return undefined;
        at = named[0] ?? null;
        break;
      }
      default:
        return undefined;
    }
  }
  return undefined;
}

function unionParts(node: Node): Node[] {
  return node.namedChildren.flatMap((part) => (part.type === 'union_type' ? unionParts(part) : [part]));
}

/** What a name stands for that is given by a call for a module. */
export interface Required {
  readonly from: string;
  readonly name: string;
}

const requirePattern = /^(?:await\s+)?(?:require|import)\(\s*(['"`])([^'"`\\]+)\1\s*\)(?:\.([\w$]+))?$/;

/** Module that `require('x')`, `require('x').name` or `await import('x')` stands for. */
export function requireOf(value: Node, source: string): Required | undefined {
  const length = value.endIndex - value.startIndex;
  if (length > 300) return undefined;
  const found = requirePattern.exec(source.slice(value.startIndex, value.endIndex));
  return found ? { from: found[2] as string, name: found[3] ?? '*' } : undefined;
}
