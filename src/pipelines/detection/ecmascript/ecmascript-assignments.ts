/** Handlers for assignments in JavaScript that export values or add members. */
import type { Node } from 'web-tree-sitter';
import { defined } from '../../../protocol/defined.ts';
import { unknown } from '../extract/facts/expression.ts';
import type { FactsBuilder } from '../extract/facts-builder.ts';
import { defineValue } from './ecmascript-definitions.ts';
import { readRequire } from './ecmascript-expressions.ts';
import { readDocumentedType } from './ecmascript-jsdoc.ts';
import { readValue } from './ecmascript-values.ts';
import { reassignVariable } from './ecmascript-variables.ts';

/** Handles assignments such as `exports.name = …`, `Widget.prototype.draw = …` and `this.draw = …`. */
export function handleAssignment(builder: FactsBuilder, node: Node): void {
  const left = node.childForFieldName('left');
  const right = node.childForFieldName('right');
  if (left?.type === 'identifier' && right) {
    reassignVariable(builder, left, right);
    return;
  }
  const name = left?.childForFieldName('property');
  let value = right;
  if (!left || !name || !value) return;
  const text = builder.text(name);
  const base = builder.source.slice(left.startIndex, name.startIndex).replace(/\??\.\s*$/, '');
  const isWhole = base === 'module' && text === 'exports';
  const isExport = base === 'exports' || base === 'module.exports';
  while (value?.type === 'assignment_expression') value = value.childForFieldName('right');
  if (!value) return;
  // In a chain such as `a.x = a.y = value`, only the innermost assignment adds a definition.
  const isInnermost = value.startIndex === node.childForFieldName('right')?.startIndex;
  const required = isWhole || isExport ? readRequire(value, builder.source) : undefined;
  if (required) {
    builder.reexports.push([isWhole ? '=' : text, required.from, required.name]);
    return;
  }
  const owner = findAssignmentOwner(builder, base);
  const pendingDefinition = builder.pending.get(value.startIndex);
  const form = owner === undefined ? 'function' : 'method';
  const definition =
    pendingDefinition ?? defineValue(builder, node, isWhole ? moduleValueName(value) : text, value, form, !isInnermost);
  if (isWhole || isExport) {
    const exported = isWhole ? '=' : text;
    if (definition !== undefined || value.type === 'identifier') {
      builder.exports.push([exported, definition ?? builder.text(value)]);
      return;
    }
    const from = readValue(builder, value);
    if (from !== unknown) bindExportedValue(builder, exported, from);
    return;
  }
  if (owner === undefined) return;
  if (definition !== undefined) builder.addMember(owner, text, definition);
  else {
    const type = readDocumentedType(builder, node.parent ?? node);
    const from = type === undefined ? readValue(builder, value) : unknown;
    builder.assignField(owner, text, defined({ type, value: from === unknown ? undefined : from }));
  }
}

/** Exports an expression. It is bound to a name that cannot occur in source code. */
function bindExportedValue(builder: FactsBuilder, name: string, value: number): void {
  builder.bind(`exports.${name}`, { value, scope: builder.scopeIndex }, 0);
  builder.exports.push([name, `exports.${name}`]);
}

function moduleValueName(value: Node): string {
  return value.childForFieldName('name')?.text ?? 'exports';
}

function findAssignmentOwner(builder: FactsBuilder, base: string): number | undefined {
  if (base === 'this') return builder.scope.owner >= 0 ? builder.scope.owner : undefined;
  const name = base.replace(/\.prototype$/, '');
  return /^[\w$]+$/.test(name) ? builder.findDefinition(name) : undefined;
}
