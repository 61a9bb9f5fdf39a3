/** Handlers for variables in JavaScript and TypeScript, including those that hold functions, classes or modules. */
import type { Node } from 'web-tree-sitter';
import { defined } from '../../../protocol/defined.ts';
import { unknown } from '../extract/facts/expression.ts';
import type { FactsBuilder } from '../extract/facts-builder.ts';
import { defineValue } from './ecmascript-definitions.ts';
import { type RequiredModule, readRequire } from './ecmascript-expressions.ts';
import { readDocumentedType } from './ecmascript-jsdoc.ts';
import { bindPattern } from './ecmascript-patterns.ts';
import { readType } from './ecmascript-types.ts';
import { readValue } from './ecmascript-values.ts';

export function handleDeclaration(builder: FactsBuilder, node: Node): void {
  declareVariable(builder, node, builder.stack.declarationScope);
}

export function handleVar(builder: FactsBuilder, node: Node): void {
  declareVariable(builder, node, builder.stack.functionScope);
}

function declareVariable(builder: FactsBuilder, node: Node, target: number): void {
  const name = node.childForFieldName('name');
  if (!name) return;
  const value = node.childForFieldName('value');
  const scope = builder.scopeIndex;
  const text = builder.text(name);
  const type = readType(builder, node.childForFieldName('type'), text) ?? readDocumentedType(builder, node);
  const required = value ? readRequire(value, builder.source) : undefined;
  if (name.type !== 'identifier') {
    if (required?.name === '*' && name.type === 'object_pattern') bindRequired(builder, name, required, target);
    const source = type === undefined ? (value ? readValue(builder, value) : unknown) : builder.express('as', type);
    bindPattern(builder, name, source, target);
    return;
  }
  const definition = value ? defineValue(builder, node, text, value) : undefined;
  if (definition !== undefined) builder.bind(text, { definition }, target);
  else if (required) builder.bind(text, required, target);
  else {
    const initial = value && type === undefined ? readValue(builder, value) : unknown;
    builder.bind(text, { ...defined({ type, value: initial === unknown ? undefined : initial }), scope }, target);
  }
}

/** Binds the names in `const { a, b: c } = require('x')` like imports. */
function bindRequired(builder: FactsBuilder, pattern: Node, required: RequiredModule, target: number): void {
  for (const part of pattern.namedChildren) {
    const key = part.type === 'pair_pattern' ? part.childForFieldName('key') : part;
    const local = part.type === 'pair_pattern' ? part.childForFieldName('value') : part;
    const isPlain = local?.type === 'identifier' || local?.type === 'shorthand_property_identifier_pattern';
    if (!key || !local || !isPlain) continue;
    builder.bind(builder.text(local), { from: required.from, name: builder.text(key) }, target);
  }
}

/** Handles the assignment of a variable, which changes its value from there on. */
export function reassignVariable(builder: FactsBuilder, left: Node, right: Node): void {
  const name = builder.text(left);
  const { stack } = builder;
  let target = -1;
  for (let index = stack.current; index >= 0; index = stack.at(index).parent) {
    if (stack.at(index).kind !== 'flow' && stack.at(index).names.some(([other]) => other === name)) {
      target = index;
      break;
    }
    if (stack.at(index).kind === 'function') break;
  }
  const value = readValue(builder, right);
  if (value === unknown) return;
  const variable = { value, scope: builder.scopeIndex };
  if (target >= 0) {
    const binding = stack.at(target).names.find(([other]) => other === name)?.[1];
    // The declared type of a variable holds for all of its values.
    if (binding && 'scope' in binding && !('constraint' in binding) && binding.type === undefined) {
      stack.reassign(name, variable, right.endIndex, target);
    }
    return;
  }
  const outer = stack.find(name);
  if (!outer || !('scope' in outer) || 'constraint' in outer || outer.type !== undefined) return;
  const draft = outer as { later?: (typeof variable)[] };
  draft.later ??= [];
  if (draft.later.length < 6) draft.later.push(variable);
}
