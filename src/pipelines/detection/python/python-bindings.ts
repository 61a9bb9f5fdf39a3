/** Handlers for what binds names in Python, besides functions, classes and imports. */
import type { Node } from 'web-tree-sitter';
import { defined } from '../../../protocol/defined.ts';
import { type Expression, unknown } from '../extract/facts/expression.ts';
import type { FactsBuilder } from '../extract/facts-builder.ts';
import { readType, readValue } from './python-values.ts';

export function handleAssignment(builder: FactsBuilder, node: Node): void {
  const left = node.childForFieldName('left');
  const right = node.childForFieldName('right');
  if (!left) return;
  const type = readType(builder, node.childForFieldName('type'));
  if (/^(?:typing\.)?TypeAlias$/.test(type ?? '') && right && left.type === 'identifier') {
    const definition = builder.define(node, builder.text(left), 'alias', {
      bases: [readType(builder, right) ?? 'unknown'],
    });
    builder.bind(builder.text(left), { definition }, builder.stack.functionScope);
    return;
  }
  const value = right && type === undefined ? readValue(builder, right) : unknown;
  bindTarget(builder, left, value, node.endIndex, type);
}

/** `x += y` keeps the kind of value in almost all cases, so only an unknown name is bound. */
export function handleAugmentedAssignment(builder: FactsBuilder, node: Node): void {
  const left = node.childForFieldName('left');
  if (left?.type === 'identifier' && !builder.stack.find(builder.text(left))) {
    builder.bind(builder.text(left), { scope: builder.scopeIndex }, builder.stack.functionScope);
  }
}

/** Binds the names of an assignment target to the parts of a value, from an offset on. */
function bindTarget(builder: FactsBuilder, target: Node, value: Expression, offset: number, type?: string): void {
  const variable = { ...defined({ type, value: value === unknown ? undefined : value }), scope: builder.scopeIndex };
  switch (target.type) {
    case 'identifier': {
      const name = builder.text(target);
      builder.stack.assign(name, variable, offset, builder.isDerived(value, name));
      const { owner } = builder.scope;
      if (builder.stack.at(builder.stack.functionScope).kind === 'class')
        builder.assignField(owner, name, { ...defined({ type, value: variable.value }), static: true });
      return;
    }
    case 'attribute': {
      const object = target.childForFieldName('object');
      const name = target.childForFieldName('attribute');
      if (object?.type !== 'identifier' || !name) return;
      const binding = builder.stack.find(builder.text(object));
      const owner = binding && 'self' in binding ? binding.self : binding && 'owner' in binding ? binding.owner : -1;
      if (owner >= 0) builder.assignField(owner, builder.text(name), defined({ type, value: variable.value }));
      return;
    }
    case 'pattern_list':
    case 'tuple_pattern':
    case 'list_pattern':
    case 'tuple':
    case 'list':
    case 'expression_list': {
      const items = target.namedChildren.filter((item) => item.type !== 'comment');
      const star = items.findIndex((item) => item.type.endsWith('splat_pattern') || item.type === 'list_splat');
      for (const [index, item] of items.entries()) {
        const isKnown = value !== unknown && (star < 0 || index < star);
        bindTarget(builder, item, isKnown ? builder.express('item', value, index) : unknown, offset);
      }
      return;
    }
    case 'list_splat_pattern':
    case 'list_splat': {
      const inner = target.firstNamedChild;
      if (inner) bindTarget(builder, inner, builder.express('as', 'list'), offset);
      return;
    }
    case 'parenthesized_expression':
    case 'as_pattern_target': {
      const inner = target.firstNamedChild;
      if (inner) bindTarget(builder, inner, value, offset, type);
      return;
    }
    default:
      return;
  }
}

/** Handles `for x in xs` as a statement or in a comprehension. */
export function handleFor(builder: FactsBuilder, node: Node): void {
  const left = node.childForFieldName('left');
  const right = node.childForFieldName('right');
  if (!left || !right) return;
  const value = readValue(builder, right);
  const isAsync = builder.source.startsWith('async', node.startIndex);
  const present = (): Expression => (isAsync ? builder.express('of', value, true) : builder.express('of', value));
  const item = value === unknown ? unknown : present();
  // The items of a comprehension are computed before its clauses in the source, so the names are bound in all of it.
  bindTarget(builder, left, item, node.type === 'for_in_clause' ? left.startIndex : right.endIndex);
}

/** Opens the scope of a comprehension and binds the names of its clauses, which come after their first use. */
export function handleComprehension(builder: FactsBuilder, node: Node): void {
  builder.enterScope('function', node.endIndex);
  for (const clause of node.namedChildren) if (clause.type === 'for_in_clause') handleFor(builder, clause);
}

/** Handles `with x as y`, `except E as y` and `case P as y`. */
export function handleAs(builder: FactsBuilder, node: Node): void {
  const target = node.childForFieldName('alias');
  const source = node.firstNamedChild;
  if (!target || !source) return;
  const outer = node.parent?.type;
  if (outer === 'except_clause' || outer === 'except_group_clause') {
    bindTarget(builder, target, readException(builder, source), node.endIndex);
    return;
  }
  const value = readValue(builder, source);
  bindTarget(builder, target, value === unknown ? unknown : builder.express('entered', value), node.endIndex);
}

function readException(builder: FactsBuilder, node: Node): Expression {
  const type = /^[\w.]+$/.test(builder.text(node)) ? builder.text(node) : undefined;
  return type === undefined ? unknown : builder.express('as', type);
}

export function handleWalrus(builder: FactsBuilder, node: Node): void {
  const name = node.childForFieldName('name');
  const value = node.childForFieldName('value');
  if (!name || !value) return;
  const expression = readValue(builder, value);
  const variable = {
    ...defined({ value: expression === unknown ? undefined : expression }),
    scope: builder.scopeIndex,
  };
  builder.stack.assign(builder.text(name), variable, node.endIndex);
}

export function handleDelete(builder: FactsBuilder, node: Node): void {
  for (const child of node.namedChildren) {
    for (const name of child.type === 'expression_list' ? child.namedChildren : [child]) {
      if (name.type === 'identifier') {
        builder.stack.assign(builder.text(name), { scope: builder.scopeIndex }, node.endIndex);
      }
    }
  }
}

/** Handles `match`: binds the names in the patterns of its cases. */
export function handleCase(builder: FactsBuilder, node: Node): void {
  const subject = node.parent?.parent?.childForFieldName('subject') ?? null;
  const body = node.childForFieldName('consequence');
  const offset = body?.startIndex ?? node.endIndex;
  for (const pattern of node.namedChildren) {
    if (pattern.type === 'case_pattern') bindCasePattern(builder, pattern, readValue(builder, subject), offset);
  }
}

function bindCasePattern(builder: FactsBuilder, pattern: Node, value: Expression, offset: number): void {
  switch (pattern.type) {
    case 'dotted_name':
      // A dotted name is a constant that is compared; a single name is bound.
      if (pattern.namedChildCount === 1 && builder.text(pattern) !== '_') bindName(builder, pattern, value, offset);
      return;
    case 'identifier':
      bindName(builder, pattern, value, offset);
      return;
    case 'splat_pattern': {
      const name = pattern.firstNamedChild;
      if (name) bindName(builder, name, unknown, offset);
      return;
    }
    case 'keyword_pattern': {
      const inner = pattern.lastNamedChild;
      if (inner && pattern.namedChildCount > 1) bindCasePattern(builder, inner, unknown, offset);
      return;
    }
    case 'class_pattern':
      for (const part of pattern.namedChildren.slice(1)) bindCasePattern(builder, part, unknown, offset);
      return;
    case 'as_pattern': {
      const [inner, name] = [pattern.firstNamedChild, pattern.lastNamedChild];
      if (inner) bindCasePattern(builder, inner, value, offset);
      const type = inner ? classOf(builder, inner) : undefined;
      if (name) bindName(builder, name, type === undefined ? value : builder.express('as', type), offset);
      return;
    }
    case 'dict_pattern':
      for (const part of pattern.namedChildren) {
        if (part.type !== 'string') bindCasePattern(builder, part, unknown, offset);
      }
      return;
    case 'case_pattern':
      for (const part of pattern.namedChildren) bindCasePattern(builder, part, value, offset);
      return;
    default:
      for (const part of pattern.namedChildren) bindCasePattern(builder, part, unknown, offset);
  }
}

/** Returns the class of a pattern such as `Point(x=0)`. */
function classOf(builder: FactsBuilder, pattern: Node): string | undefined {
  const inner = pattern.type === 'case_pattern' ? pattern.firstNamedChild : pattern;
  return inner?.type === 'class_pattern' && inner.firstNamedChild ? builder.text(inner.firstNamedChild) : undefined;
}

function bindName(builder: FactsBuilder, name: Node, value: Expression, offset: number): void {
  const variable = { ...defined({ value: value === unknown ? undefined : value }), scope: builder.scopeIndex };
  builder.stack.assign(builder.text(name), variable, offset);
}

/** Handles `type Name = …`. */
export function handleTypeAlias(builder: FactsBuilder, node: Node): void {
  const left = node.childForFieldName('left');
  const right = node.childForFieldName('right');
  const name = left ? /^\w+/.exec(builder.text(left))?.[0] : undefined;
  if (!name || !right) return;
  const definition = builder.define(node, name, 'alias', { bases: [readType(builder, right) ?? 'unknown'] });
  builder.bind(name, { definition }, builder.stack.functionScope);
}
