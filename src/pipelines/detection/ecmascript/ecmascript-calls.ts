/** Call sites: calls, constructions, tagged templates and decorators without a call. */
import type { Node } from 'web-tree-sitter';
import { plainName } from '../extract/callee-text.ts';
import type { Sweep } from '../extract/facts-builder.ts';
import { calleeOf } from './ecmascript-expressions.ts';

export function call(sweep: Sweep, node: Node): void {
  const inputs = node.childForFieldName('arguments');
  if (!inputs) return;
  const { source } = sweep;
  const start = node.startIndex;
  const form = source[inputs.startIndex] === '`' ? 'tag' : 'call';
  const text = source.slice(start, inputs.startIndex);
  if (text === 'import' || text === 'require') noteCall(sweep, node, inputs, text);
  if ((text === 'import' && isType(node)) || text.trimEnd() === 'await') return;
  if (plainName.test(text)) {
    sweep.addCall(start, inputs.endIndex, start + text.lastIndexOf('.') + 1, text, form);
    return;
  }
  const called = node.childForFieldName('function');
  if (!called) return;
  const callee = calleeOf(called, source);
  if (callee.constructed) {
    // The grammar ends the construction at `!`: the call's arguments are its own.
    sweep.taken.add(callee.constructed.id);
    sweep.addCall(callee.start, inputs.endIndex, callee.nameAt, callee.text, 'new');
    return;
  }
  sweep.addCall(callee.start, inputs.endIndex, callee.nameAt, callee.text, form);
}

const literal = /^\(\s*(['"`])([^'"`\\$]+)\1\s*[,)]/;

/** `require('x')` and `import('x')`; where nothing but a text says which, it is not known. */
function noteCall(sweep: Sweep, node: Node, inputs: Node, callee: 'import' | 'require'): void {
  const from = literal.exec(sweep.text(inputs))?.[2];
  if (from === undefined) return;
  const isOf = callee === 'import' && isType(node) ? 'type' : isTried(node) ? 'optional' : undefined;
  sweep.addImport(from, node.startIndex, isOf ?? (callee === 'import' ? 'deferred' : 'static'));
}

/** In the block of a `try`, or caught behind the call: what is missing there is provided for. */
function isTried(node: Node): boolean {
  let inner = node;
  for (let at = node.parent; at; at = at.parent) {
    if (at.type === 'try_statement' && at.childForFieldName('body')?.id === inner.id) return true;
    if (at.type === 'member_expression' && at.childForFieldName('property')?.text === 'catch') return true;
    inner = at;
  }
  return false;
}

export function construction(sweep: Sweep, node: Node): void {
  if (sweep.taken.has(node.id)) return;
  const constructed = node.childForFieldName('constructor');
  if (!constructed) return;
  const text = sweep.text(constructed);
  if (plainName.test(text)) {
    const nameAt = constructed.startIndex + text.lastIndexOf('.') + 1;
    sweep.addCall(node.startIndex, node.endIndex, nameAt, text, 'new');
    return;
  }
  const callee = calleeOf(constructed, sweep.source);
  sweep.addCall(node.startIndex, node.endIndex, callee.nameAt, callee.text, 'new');
}

export function decorator(sweep: Sweep, node: Node): void {
  const applied = node.firstNamedChild;
  if (!applied) return;
  const callee = calleeOf(applied, sweep.source);
  sweep.addCall(node.startIndex, node.endIndex, callee.nameAt, callee.text, 'decorator');
}

const typeNode =
  /^(type_|generic_type|nested_type|union_type|intersection_type|array_type|lookup_type|conditional_type|function_type|parenthesized_type|object_type|tuple_type|index_type|constraint|default_type|readonly_type)/;
const codeNode = /statement|declaration$|program|arguments$|arrow_function|_body$/;

/** Whether an `import(…)` stands where a type does: `typeof import('x')`, `import('x').T`. */
function isType(node: Node): boolean {
  for (let at = node.parent; at; at = at.parent) {
    const { type } = at;
    if (typeNode.test(type)) return true;
    if (codeNode.test(type)) return false;
  }
  return false;
}
