/** Handlers for the captures of Python. */
import type { Node } from 'web-tree-sitter';
import { plainNamePattern } from '../extract/facts/callee-text.ts';
import type { ImportForm } from '../extract/facts.ts';
import type { FactsBuilder, LanguageSyntax } from '../extract/facts-builder.ts';
import {
  handleAs,
  handleAssignment,
  handleAugmentedAssignment,
  handleCase,
  handleComprehension,
  handleDelete,
  handleFor,
  handleTypeAlias,
  handleWalrus,
} from './python-bindings.ts';
import { handleBlock, handleCondition } from './python-conditions.ts';
import {
  handleClass,
  handleFunction,
  handleLambda,
  handleRaise,
  handleReturn,
  handleYield,
} from './python-definitions.ts';
import { readCallee } from './python-expressions.ts';
import { readValue } from './python-values.ts';

export const python: LanguageSyntax = {
  call: handleCall,
  function: handleFunction,
  class: handleClass,
  import: handleImport,
  from: handleImportFrom,
  assignment: handleAssignment,
  augmented: handleAugmentedAssignment,
  for: handleFor,
  as: handleAs,
  walrus: handleWalrus,
  delete: handleDelete,
  case: handleCase,
  alias: handleTypeAlias,
  condition: handleCondition,
  block: handleBlock,
  return: handleReturn,
  raise: handleRaise,
  yield: handleYield,
  lambda: handleLambda,
  comprehension: handleComprehension,
};

function handleCall(builder: FactsBuilder, node: Node): void {
  const args = node.childForFieldName('arguments');
  if (!args) return;
  const start = node.startIndex;
  const text = builder.source.slice(start, args.startIndex);
  if (plainNamePattern.test(text)) {
    builder.addCall(start, args.endIndex, start + text.lastIndexOf('.') + 1, text, 'call');
    return;
  }
  const functionNode = node.childForFieldName('function');
  if (!functionNode) return;
  const callee = readCallee(functionNode, builder.source);
  const value = readValue(builder, functionNode);
  builder.addCall(callee.start, args.endIndex, callee.nameStart, callee.text, 'call', value);
}

function handleImport(builder: FactsBuilder, node: Node): void {
  for (const part of node.namedChildren) {
    const name = part.childForFieldName('name');
    const alias = part.childForFieldName('alias');
    const full = builder.text(name ?? part);
    builder.addImport(full.replace(/\s/g, ''), node.startIndex, findImportForm(node));
    if (alias) builder.stack.declare(builder.text(alias), { from: full, name: '*' }, node.endIndex);
    else {
      const first = full.split('.')[0] as string;
      builder.stack.declare(first, { from: first, name: '*' }, node.endIndex);
    }
  }
}

/** Returns `optional` for an import in a `try` or `if` statement, because the module may be missing there. */
function findImportForm(node: Node): ImportForm {
  for (let ancestor = node.parent; ancestor; ancestor = ancestor.parent) {
    if (ancestor.type === 'try_statement') return 'optional';
    if (ancestor.type !== 'if_statement') continue;
    const condition = ancestor.childForFieldName('condition')?.text ?? '';
    return /\bTYPE_CHECKING\b/.test(condition) ? 'type' : 'optional';
  }
  return 'static';
}

function handleImportFrom(builder: FactsBuilder, node: Node): void {
  const module = node.childForFieldName('module_name');
  if (!module) return;
  const from = builder.text(module).replace(/\s/g, '');
  const names = node.namedChildren
    .filter((part) => part.startIndex !== module.startIndex && /^(?:dotted_name|aliased_import)$/.test(part.type))
    .map((part) => builder.text(part.childForFieldName('name') ?? part));
  builder.addImport(from, node.startIndex, findImportForm(node), names);
  for (const part of node.namedChildren) {
    if (part.startIndex === module.startIndex) continue;
    if (part.type === 'wildcard_import') {
      builder.reexports.push(['*', from, '*']);
    } else if (part.type === 'aliased_import') {
      const name = part.childForFieldName('name');
      const alias = part.childForFieldName('alias');
      if (name && alias) builder.stack.declare(builder.text(alias), { from, name: builder.text(name) }, node.endIndex);
    } else if (part.type === 'dotted_name') {
      builder.stack.declare(builder.text(part), { from, name: builder.text(part) }, node.endIndex);
    }
  }
}
