/** Handlers for scopes in JavaScript and TypeScript, and for the names that parameters and patterns bind in them. */
import type { Node } from 'web-tree-sitter';
import { defined } from '../../../protocol/defined.ts';
import type { FactsBuilder, ScopeOptions } from '../extract/facts-builder.ts';
import { readTypeName } from './ecmascript-expressions.ts';

function enterFunction(builder: FactsBuilder, node: Node, options: ScopeOptions): void {
  builder.enterScope('function', node.endIndex, options);
  bindParameters(builder, node);
}

export function handleArrow(builder: FactsBuilder, node: Node): void {
  const definition = takePending(builder, node);
  enterFunction(builder, node, definition === undefined ? {} : { definition });
}

/** Handles a function expression, which has its own `this`. The value of `this` is only known in a method. */
export function handleFunctionExpression(builder: FactsBuilder, node: Node): void {
  const pendingDefinition = takePending(builder, node);
  const name = node.childForFieldName('name');
  let definition = pendingDefinition;
  if (definition === undefined && name) definition = builder.define(node, builder.text(name), 'function');
  const draft = definition === undefined ? undefined : builder.definitions[definition];
  const owner = draft?.form === 'method' ? draft.parent : -1;
  enterFunction(builder, node, {
    ...defined({ definition }),
    owner,
    static: draft?.static === true && owner >= 0 && builder.definitions[owner]?.form !== 'object',
  });
  if (name && definition !== undefined) builder.bind(builder.text(name), { definition });
}

export function handleBlock(builder: FactsBuilder, node: Node): void {
  builder.enterScope('block', node.endIndex);
}

export function handleLoop(builder: FactsBuilder, node: Node): void {
  builder.enterScope('block', node.endIndex);
  const left = node.childForFieldName('left');
  if (!left || !node.childForFieldName('kind')) return;
  for (const name of collectNames(left, builder.source)) builder.bind(name, { scope: builder.scopeIndex });
}

export function handleCatch(builder: FactsBuilder, node: Node): void {
  builder.enterScope('block', node.endIndex);
  const parameter = node.childForFieldName('parameter');
  if (!parameter) return;
  for (const name of collectNames(parameter, builder.source)) builder.bind(name, { scope: builder.scopeIndex });
}

export function handleStaticBlock(builder: FactsBuilder, node: Node): void {
  builder.enterScope('function', node.endIndex, { owner: builder.scope.owner, static: true });
}

/** Returns and removes the definition that was added earlier for the code of this node. */
export function takePending(builder: FactsBuilder, node: Node): number | undefined {
  const definition = builder.pending.get(node.startIndex);
  if (definition !== undefined) builder.pending.delete(node.startIndex);
  return definition;
}

const propertyModifierPattern = /^(?:(?:public|private|protected|readonly|override)\s+)+/;

/** Binds the parameters of a function in the open scope. Adds fields for parameter properties of constructors. */
export function bindParameters(builder: FactsBuilder, node: Node): void {
  const { source, scopeIndex: scope } = builder;
  const list = node.childForFieldName('parameters');
  if (!list) {
    const single = node.childForFieldName('parameter');
    if (single) builder.bind(builder.text(single), { scope });
    return;
  }
  if (source[list.startIndex + 1] === ')') return;
  for (const parameter of list.namedChildren) {
    if (parameter.type === 'identifier') {
      builder.bind(builder.text(parameter), { scope });
      continue;
    }
    if (parameter.type !== 'required_parameter' && parameter.type !== 'optional_parameter') {
      for (const name of collectNames(parameter, source)) builder.bind(name, { scope });
      continue;
    }
    const pattern = parameter.childForFieldName('pattern');
    if (!pattern) continue;
    if (pattern.type !== 'identifier') {
      for (const name of collectNames(pattern, source)) builder.bind(name, { scope });
      continue;
    }
    const name = builder.text(pattern);
    const type = readTypeName(parameter.childForFieldName('type'), source);
    builder.bind(name, { ...defined({ type }), scope });
    if (propertyModifierPattern.test(source.slice(parameter.startIndex, pattern.startIndex))) {
      builder.addField(builder.scope.owner, name, defined({ type }));
    }
  }
}

/** Adds all names that a pattern binds to `names`, and returns them. */
export function collectNames(node: Node, source: string, names: string[] = []): string[] {
  switch (node.type) {
    case 'identifier':
    case 'shorthand_property_identifier_pattern':
      names.push(source.slice(node.startIndex, node.endIndex));
      break;
    case 'required_parameter':
    case 'optional_parameter': {
      const pattern = node.childForFieldName('pattern');
      if (pattern) collectNames(pattern, source, names);
      break;
    }
    case 'assignment_pattern':
    case 'object_assignment_pattern': {
      const left = node.childForFieldName('left');
      if (left) collectNames(left, source, names);
      break;
    }
    case 'pair_pattern': {
      const value = node.childForFieldName('value');
      if (value) collectNames(value, source, names);
      break;
    }
    default:
      for (const child of node.namedChildren) collectNames(child, source, names);
  }
  return names;
}
