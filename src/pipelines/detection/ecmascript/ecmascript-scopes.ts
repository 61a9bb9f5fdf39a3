/** Handlers for scopes in JavaScript and TypeScript, and for the names that parameters and patterns bind in them. */
import type { Node } from 'web-tree-sitter';
import { defined } from '../../../protocol/defined.ts';
import { unknown } from '../extract/facts/expression.ts';
import type { ScopeOptions } from '../extract/facts/scope-stack.ts';
import type { DefinitionDraft, FactsBuilder } from '../extract/facts-builder.ts';
import { readContext } from './ecmascript-context.ts';
import { bindPattern } from './ecmascript-patterns.ts';
import { readType } from './ecmascript-types.ts';
import { readValue } from './ecmascript-values.ts';

function enterFunction(builder: FactsBuilder, node: Node, definition: number | undefined, options: ScopeOptions): void {
  const isNamed = definition !== undefined && builder.definitions[definition]?.name !== '';
  builder.enterScope('function', node.endIndex, {
    ...options,
    ...(isNamed ? { definition } : {}),
    ...defined({ callable: definition }),
  });
  bindParameters(builder, node, definition);
}

export function handleArrow(builder: FactsBuilder, node: Node): void {
  const definition = takePending(builder, node);
  enterFunction(builder, node, definition, {});
  const body = node.childForFieldName('body');
  if (definition === undefined || !body || body.type === 'statement_block') return;
  if (builder.definitions[definition]?.returns === undefined) builder.addResult(readValue(builder, body));
}

/** Handles a function expression, which has its own `this`. The value of `this` is only known in a method. */
export function handleFunctionExpression(builder: FactsBuilder, node: Node): void {
  const pendingDefinition = takePending(builder, node);
  const name = node.childForFieldName('name');
  let definition = pendingDefinition;
  if (definition === undefined && name) definition = builder.define(node, builder.text(name), 'function');
  const draft = definition === undefined ? undefined : builder.definitions[definition];
  const owner = draft?.form === 'method' ? findMethodOwner(builder, draft) : -1;
  enterFunction(builder, node, definition, {
    owner,
    static: draft?.static === true && owner >= 0 && builder.definitions[owner]?.form !== 'object',
  });
  if (name && definition !== undefined) builder.bind(builder.text(name), { definition });
}

function findMethodOwner(builder: FactsBuilder, draft: DefinitionDraft): number {
  if (builder.stack.container >= 0) return builder.stack.container;
  return builder.scope.kind === 'class' ? builder.scope.owner : draft.parent;
}

/** Handles a `return` statement. */
export function handleReturn(builder: FactsBuilder, node: Node): void {
  const { callable } = builder.stack;
  if (callable < 0 || builder.definitions[callable]?.returns !== undefined) return;
  const value = node.firstNamedChild;
  if (value) builder.addResult(readValue(builder, value));
}

const leavingStatement = /^(?:return|throw|break|continue)_statement$/;

export function handleBlock(builder: FactsBuilder, node: Node): void {
  if (builder.handledNodes.has(node.id)) return;
  const last = node.lastNamedChild;
  builder.enterScope('block', node.endIndex, { leaves: last !== null && leavingStatement.test(last.type) });
}

/** Handles `x instanceof C` in a condition: `x` is an instance of `C` where the condition holds. */
export function handleCondition(builder: FactsBuilder, node: Node): void {
  const isBinary = node.type === 'binary_expression';
  if (isBinary && node.childForFieldName('operator')?.type !== '&&') return;
  const then = node.childForFieldName(isBinary ? 'right' : 'consequence');
  let condition = node.childForFieldName(isBinary ? 'left' : 'condition');
  if (!then || !condition || !builder.text(condition).includes('instanceof')) return;
  while (condition) {
    if (condition.type === 'parenthesized_expression') condition = condition.firstNamedChild;
    else if (condition.type === 'binary_expression' && condition.childForFieldName('operator')?.type === '&&') {
      narrowInstance(builder, condition.childForFieldName('right'), then);
      condition = condition.childForFieldName('left');
    } else {
      narrowInstance(builder, condition, then);
      return;
    }
  }
}

function narrowInstance(builder: FactsBuilder, condition: Node | null, then: Node): void {
  const test = condition?.type === 'parenthesized_expression' ? condition.firstNamedChild : condition;
  if (test?.childForFieldName('operator')?.type !== 'instanceof') return;
  const [left, right] = [test.childForFieldName('left'), test.childForFieldName('right')];
  if (left?.type !== 'identifier' || !right || !/^[\w$.]+$/.test(builder.text(right))) return;
  const variable = { type: builder.text(right), scope: builder.scopeIndex };
  builder.stack.narrow(builder.text(left), variable, then.startIndex, then.endIndex);
}

export function handleLoop(builder: FactsBuilder, node: Node): void {
  builder.enterScope('block', node.endIndex);
  const left = node.childForFieldName('left');
  if (!left || !node.childForFieldName('kind')) return;
  const right = readValue(builder, node.childForFieldName('right'));
  const isOf = node.childForFieldName('operator')?.type === 'of';
  const isAsync = builder.source.slice(node.startIndex, left.startIndex).includes('await');
  const key = isOf ? unknown : builder.express('as', 'string');
  const iterated =
    right === unknown ? unknown : isAsync ? builder.express('of', right, true) : builder.express('of', right);
  const item = isOf ? iterated : key;
  const isVar = node.childForFieldName('kind')?.type === 'var';
  bindPattern(builder, left, item, isVar ? builder.stack.functionScope : builder.scopeIndex);
}

export function handleCatch(builder: FactsBuilder, node: Node): void {
  builder.enterScope('block', node.endIndex);
  const parameter = node.childForFieldName('parameter');
  if (!parameter) return;
  const type = readType(builder, node.childForFieldName('type'), 'error');
  bindPattern(builder, parameter, type === undefined ? unknown : builder.express('as', type), builder.scopeIndex);
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

/**
 * Binds the parameters of a function in the open scope. Adds fields for parameter properties of constructors. Parameters
 * without a type have the type that the code around the function expects.
 */
export function bindParameters(builder: FactsBuilder, node: Node, definition?: number): void {
  const { source, scopeIndex: scope } = builder;
  const draft = definition === undefined ? undefined : (builder.definitions[definition] as DefinitionDraft);
  builder.bindTypeParameters(draft?.typeParameters);
  if (node.type !== 'arrow_function') bindThis(builder, node);
  const list = node.childForFieldName('parameters') ?? node.childForFieldName('parameter');
  if (!list || source[list.startIndex + 1] === ')') return;
  const isExpression = /^(?:arrow_function|function_expression|method_definition)$/.test(node.type);
  let context: number | undefined;
  const expected = (index: number): number => {
    if (!isExpression) return unknown;
    context ??= node.type === 'method_definition' ? readMethodContext(builder, node) : readContext(builder, node);
    return context === unknown ? unknown : builder.express('parameter', context, index);
  };
  if (list.type === 'identifier') {
    bindPattern(builder, list, expected(0), scope);
    return;
  }
  const parameters = list.namedChildren.filter(({ type, text }) => type !== 'comment' && !text.startsWith('this:'));
  for (const [index, parameter] of parameters.entries()) {
    const pattern = parameter.childForFieldName('pattern') ?? parameter;
    const name = builder.text(pattern);
    const documented = draft?.parameters?.find((other) => other.name === name)?.type;
    const type = readType(builder, parameter.childForFieldName('type'), name) ?? documented;
    const initial =
      parameter.childForFieldName('value') ??
      (parameter.type === 'assignment_pattern' ? parameter.childForFieldName('right') : null);
    if (type !== undefined && pattern.type === 'identifier') builder.bind(name, { type, scope }, scope);
    else {
      const value = type === undefined ? first(builder, expected(index), initial) : builder.express('as', type);
      bindPattern(builder, pattern, value, scope);
    }
    if (propertyModifierPattern.test(source.slice(parameter.startIndex, pattern.startIndex))) {
      builder.addField(builder.scope.owner, name, defined({ type }));
    }
  }
}

/** Binds `this` if the function declares its type, or if an enclosing function does whose `this` is another one. */
function bindThis(builder: FactsBuilder, node: Node): void {
  const { scopeIndex: scope } = builder;
  const list = node.childForFieldName('parameters');
  const parameter = list && /^\(\s*this\s*:/.test(builder.text(list)) ? list.firstNamedChild : null;
  const type = readType(builder, parameter?.childForFieldName('type'), 'this');
  if (type !== undefined) builder.bind('this', { type, scope }, scope);
  else if (builder.stack.find('this')) {
    const { owner } = builder.scope;
    builder.bind('this', owner >= 0 ? { self: owner } : { scope }, scope);
  }
}

function first(builder: FactsBuilder, value: number, initial: Node | null): number {
  const other = initial ? readValue(builder, initial) : unknown;
  return value === unknown || other === unknown ? Math.max(value, other) : builder.express('first', value, other);
}

/** Returns the type that is expected of a method in an object literal. */
function readMethodContext(builder: FactsBuilder, node: Node): number {
  const object = node.parent?.type === 'object' ? readContext(builder, node.parent) : unknown;
  const name = node.childForFieldName('name');
  return object === unknown || !name ? unknown : builder.express('member', object, builder.text(name));
}
