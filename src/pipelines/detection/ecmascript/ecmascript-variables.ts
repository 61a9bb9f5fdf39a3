/** Variables of JavaScript and TypeScript: functions, classes and objects by name, modules by `require`, other values. */
import type { Node } from 'web-tree-sitter';
import type { Sweep } from '../extract/facts-builder.ts';
import { defineValue } from './ecmascript-definitions.ts';
import { type Required, requireOf, typeName, valueText } from './ecmascript-expressions.ts';
import { namesIn } from './ecmascript-scopes.ts';

export function declaration(sweep: Sweep, node: Node): void {
  declare(sweep, node, sweep.scopeIndex);
}

export function hoisted(sweep: Sweep, node: Node): void {
  declare(sweep, node, sweep.functionScope);
}

function declare(sweep: Sweep, node: Node, target: number): void {
  const name = node.childForFieldName('name');
  if (!name) return;
  const value = node.childForFieldName('value');
  const plain = name.type === 'identifier';
  if (plain && value) {
    const definition = defineValue(sweep, node, sweep.text(name), value);
    if (definition !== undefined) {
      sweep.bind(sweep.text(name), { definition }, target);
      return;
    }
  }
  const required = value ? requireOf(value, sweep.source) : undefined;
  const text = value && !required ? valueText(value, sweep.source) : undefined;
  if (plain) {
    const type = typeName(node.childForFieldName('type'), sweep.source);
    if (required) sweep.bind(sweep.text(name), required, target);
    else {
      const known = { ...(type ? { type } : {}), ...(text ? { value: text } : {}), scope: sweep.scopeIndex };
      sweep.bind(sweep.text(name), known, target);
    }
    return;
  }
  if (name.type !== 'object_pattern') {
    for (const bound of namesIn(name, sweep.source)) sweep.bind(bound, { scope: sweep.scopeIndex }, target);
    return;
  }
  for (const part of name.namedChildren) bindPart(sweep, part, target, required, text);
}

/** One entry of `const { key: name } = value`. */
function bindPart(
  sweep: Sweep,
  part: Node,
  target: number,
  required: Required | undefined,
  value: string | undefined,
): void {
  const scope = sweep.scopeIndex;
  let key: string | undefined;
  let local: Node | null = part;
  if (part.type === 'pair_pattern') {
    key = part.childForFieldName('key')?.text;
    local = part.childForFieldName('value');
  } else if (part.type === 'object_assignment_pattern') {
    local = part.childForFieldName('left');
  }
  if (!local) return;
  const plain = local.type === 'identifier' || local.type === 'shorthand_property_identifier_pattern';
  if (!plain) {
    for (const name of namesIn(local, sweep.source)) sweep.bind(name, { scope }, target);
    return;
  }
  const name = sweep.text(local);
  if (required && required.name === '*') sweep.bind(name, { from: required.from, name: key ?? name }, target);
  else if (value) sweep.bind(name, { value: `${value}.${key ?? name}`, scope }, target);
  else sweep.bind(name, { scope }, target);
}
