/** Handlers for variables in JavaScript and TypeScript, including those that hold functions, classes or modules. */
import type { Node } from 'web-tree-sitter';
import { defined } from '../../../protocol/defined.ts';
import type { FactsBuilder } from '../extract/facts-builder.ts';
import { defineValue } from './ecmascript-definitions.ts';
import { type RequiredModule, readRequire, readTypeName, readValue } from './ecmascript-expressions.ts';
import { collectNames } from './ecmascript-scopes.ts';

export function handleDeclaration(builder: FactsBuilder, node: Node): void {
  declareVariable(builder, node, builder.scopeIndex);
}

export function handleVar(builder: FactsBuilder, node: Node): void {
  declareVariable(builder, node, builder.functionScope);
}

function declareVariable(builder: FactsBuilder, node: Node, target: number): void {
  const name = node.childForFieldName('name');
  if (!name) return;
  const value = node.childForFieldName('value');
  const isPlain = name.type === 'identifier';
  if (isPlain && value) {
    const definition = defineValue(builder, node, builder.text(name), value);
    if (definition !== undefined) {
      builder.bind(builder.text(name), { definition }, target);
      return;
    }
  }
  const required = value ? readRequire(value, builder.source) : undefined;
  const text = value && !required ? readValue(value, builder.source) : undefined;
  if (isPlain) {
    const type = readTypeName(node.childForFieldName('type'), builder.source);
    if (required) builder.bind(builder.text(name), required, target);
    else {
      const variable = { ...defined({ type, value: text }), scope: builder.scopeIndex };
      builder.bind(builder.text(name), variable, target);
    }
    return;
  }
  if (name.type !== 'object_pattern') {
    for (const bound of collectNames(name, builder.source)) builder.bind(bound, { scope: builder.scopeIndex }, target);
    return;
  }
  for (const part of name.namedChildren) bindPatternEntry(builder, part, target, required, text);
}

/** Binds one entry of a pattern, such as `key: name` in `const { key: name } = value`. */
function bindPatternEntry(
  builder: FactsBuilder,
  part: Node,
  target: number,
  required: RequiredModule | undefined,
  value: string | undefined,
): void {
  const scope = builder.scopeIndex;
  let key: string | undefined;
  let local: Node | null = part;
  if (part.type === 'pair_pattern') {
    key = part.childForFieldName('key')?.text;
    local = part.childForFieldName('value');
  } else if (part.type === 'object_assignment_pattern') {
    local = part.childForFieldName('left');
  }
  if (!local) return;
  const isPlain = local.type === 'identifier' || local.type === 'shorthand_property_identifier_pattern';
  if (!isPlain) {
    for (const name of collectNames(local, builder.source)) builder.bind(name, { scope }, target);
    return;
  }
  const name = builder.text(local);
  if (required && required.name === '*') builder.bind(name, { from: required.from, name: key ?? name }, target);
  else if (value) builder.bind(name, { value: `${value}.${key ?? name}`, scope }, target);
  else builder.bind(name, { scope }, target);
}
