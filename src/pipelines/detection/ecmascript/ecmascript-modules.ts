/** Imports and exports of JavaScript and TypeScript. */
import type { Node } from 'web-tree-sitter';
import type { Sweep } from '../extract/facts-builder.ts';
import { defineValue } from './ecmascript-definitions.ts';
import { valueText } from './ecmascript-expressions.ts';

export function imported(sweep: Sweep, node: Node): void {
  const source = node.childForFieldName('source');
  if (source) noteImport(sweep, node, unquoted(sweep, source));
  for (const clause of node.namedChildren) {
    if (clause.type === 'import_require_clause') {
      const local = clause.firstNamedChild;
      const from = clause.childForFieldName('source');
      if (from) noteImport(sweep, node, unquoted(sweep, from));
      if (local && from) sweep.bind(sweep.text(local), { from: unquoted(sweep, from), name: '*' }, 0);
    } else if (clause.type === 'import_clause' && source) {
      for (const part of clause.namedChildren) bindImport(sweep, part, unquoted(sweep, source));
    }
  }
}

/** Statements of types, and those that name nothing else, are gone in what runs. */
function noteImport(sweep: Sweep, node: Node, from: string): void {
  const text = sweep.text(node).replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');
  const names = /^(?:import|export)\s*\{([^{}]*)\}/
    .exec(text)?.[1]
    ?.split(',')
    .filter((name) => name.trim() !== '');
  const isType =
    /^(?:import|export)\s+type\b(?!\s*(?:from\b|,|=))/.test(text) ||
    (names !== undefined && names.length > 0 && names.every((name) => /^\s*type\s+(?!as\b)/.test(name)));
  sweep.addImport(from, node.startIndex, isType ? 'type' : 'static');
}

function bindImport(sweep: Sweep, part: Node, from: string): void {
  if (part.type === 'identifier') {
    sweep.bind(sweep.text(part), { from, name: 'default' }, 0);
    return;
  }
  if (part.type === 'namespace_import') {
    const local = part.firstNamedChild;
    if (local) sweep.bind(sweep.text(local), { from, name: '*' }, 0);
    return;
  }
  for (const specifier of part.namedChildren) {
    const name = specifier.childForFieldName('name');
    if (!name) continue;
    const local = specifier.childForFieldName('alias') ?? name;
    sweep.bind(sweep.text(local), { from, name: sweep.text(name) }, 0);
  }
}

/** `import Name = ns.Widget`. */
export function importAlias(sweep: Sweep, node: Node): void {
  const [name, value] = node.namedChildren;
  if (!name || !value) return;
  sweep.bind(sweep.text(name), { value: sweep.text(value), scope: sweep.scopeIndex });
}

const interesting = /export\s*(?:default\b|\{|\*|type\s*[{*])/y;

/** Declarations that are exported are captured by themselves. */
export function exported(sweep: Sweep, node: Node): void {
  interesting.lastIndex = node.startIndex;
  const found = interesting.exec(sweep.source);
  if (!found) return;
  if (found[0].endsWith('default')) {
    exportDefault(sweep, node);
    return;
  }
  const source = node.childForFieldName('source');
  const from = source ? unquoted(sweep, source) : undefined;
  if (from !== undefined) noteImport(sweep, node, from);
  let named = false;
  for (const clause of node.namedChildren) {
    if (clause.type === 'export_clause') {
      named = true;
      for (const specifier of clause.namedChildren) exportSpecifier(sweep, specifier, from);
    } else if (clause.type === 'namespace_export' && from !== undefined) {
      named = true;
      const name = clause.firstNamedChild;
      if (name) sweep.reexports.push([sweep.text(name), from, '*']);
    }
  }
  if (from !== undefined && !named) sweep.reexports.push(['*', from, '*']);
}

function exportSpecifier(sweep: Sweep, specifier: Node, from: string | undefined): void {
  const name = specifier.childForFieldName('name');
  if (!name) return;
  const outer = sweep.text(specifier.childForFieldName('alias') ?? name);
  if (from === undefined) sweep.exports.push([outer, sweep.text(name)]);
  else sweep.reexports.push([outer, from, sweep.text(name)]);
}

function exportDefault(sweep: Sweep, node: Node): void {
  const declared = node.childForFieldName('declaration')?.childForFieldName('name');
  if (declared) {
    sweep.exports.push(['default', sweep.text(declared)]);
    return;
  }
  const value = node.childForFieldName('value');
  if (!value) return;
  if (value.type === 'identifier') {
    sweep.exports.push(['default', sweep.text(value)]);
    return;
  }
  const name = value.childForFieldName('name');
  const definition = defineValue(sweep, node, name ? sweep.text(name) : 'default', value);
  if (definition !== undefined) {
    sweep.exports.push(['default', definition]);
    return;
  }
  const text = valueText(value, sweep.source);
  if (!text) return;
  sweep.bind('exports.default', { value: text, scope: sweep.scopeIndex }, 0);
  sweep.exports.push(['default', 'exports.default']);
}

/** `export = name`. */
export function whole(sweep: Sweep, node: Node): void {
  sweep.exports.push(['=', sweep.text(node)]);
}

function unquoted(sweep: Sweep, node: Node): string {
  return sweep.text(node).slice(1, -1);
}
