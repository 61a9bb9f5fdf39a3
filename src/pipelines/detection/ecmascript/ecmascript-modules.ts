/** Handlers for imports and exports in JavaScript and TypeScript. */
import type { Node } from 'web-tree-sitter';
import { unknown } from '../extract/facts/expression.ts';
import type { FactsBuilder } from '../extract/facts-builder.ts';
import { defineValue } from './ecmascript-definitions.ts';
import { readValue } from './ecmascript-values.ts';

export function handleImport(builder: FactsBuilder, node: Node): void {
  const source = node.childForFieldName('source');
  if (source) addImport(builder, node, readString(builder, source));
  for (const clause of node.namedChildren) {
    if (clause.type === 'import_require_clause') {
      const local = clause.firstNamedChild;
      const from = clause.childForFieldName('source');
      if (from) addImport(builder, node, readString(builder, from));
      if (local && from) builder.bind(builder.text(local), { from: readString(builder, from), name: '*' }, 0);
    } else if (clause.type === 'import_clause' && source) {
      for (const part of clause.namedChildren) bindImport(builder, part, readString(builder, source));
    }
  }
}

/** Adds an import. Compilers remove statements that only import or export types, so those have the form `type`. */
function addImport(builder: FactsBuilder, node: Node, from: string): void {
  const text = builder.text(node).replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');
  const names = /^(?:import|export)\s*\{([^{}]*)\}/
    .exec(text)?.[1]
    ?.split(',')
    .filter((name) => name.trim() !== '');
  const isType =
    /^(?:import|export)\s+type\b(?!\s*(?:from\b|,|=))/.test(text) ||
    (names !== undefined && names.length > 0 && names.every((name) => /^\s*type\s+(?!as\b)/.test(name)));
  builder.addImport(from, node.startIndex, isType ? 'type' : 'static');
}

function bindImport(builder: FactsBuilder, part: Node, from: string): void {
  if (part.type === 'identifier') {
    builder.bind(builder.text(part), { from, name: 'default' }, 0);
    return;
  }
  if (part.type === 'namespace_import') {
    const local = part.firstNamedChild;
    if (local) builder.bind(builder.text(local), { from, name: '*' }, 0);
    return;
  }
  for (const specifier of part.namedChildren) {
    const name = specifier.childForFieldName('name');
    if (!name) continue;
    const local = specifier.childForFieldName('alias') ?? name;
    builder.bind(builder.text(local), { from, name: builder.text(name) }, 0);
  }
}

/** Handles `import Name = ns.Widget`. */
export function handleImportAlias(builder: FactsBuilder, node: Node): void {
  const [name, value] = node.namedChildren;
  if (!name || !value) return;
  const [head = '', ...names] = builder.text(value).replace(/\s/g, '').split('.');
  let expression = builder.express('name', head);
  for (const part of names) expression = builder.express('member', expression, part);
  builder.bind(builder.text(name), { value: expression, scope: builder.scopeIndex });
}

const exportPattern = /export\s*(?:default\b|\{|\*|type\s*[{*])/y;

/** Handles exports other than those of declarations, for which other captures exist. */
export function handleExport(builder: FactsBuilder, node: Node): void {
  exportPattern.lastIndex = node.startIndex;
  const match = exportPattern.exec(builder.source);
  if (!match) return;
  if (match[0].endsWith('default')) {
    exportDefault(builder, node);
    return;
  }
  const source = node.childForFieldName('source');
  const from = source ? readString(builder, source) : undefined;
  if (from !== undefined) addImport(builder, node, from);
  let named = false;
  for (const clause of node.namedChildren) {
    if (clause.type === 'export_clause') {
      named = true;
      for (const specifier of clause.namedChildren) exportSpecifier(builder, specifier, from);
    } else if (clause.type === 'namespace_export' && from !== undefined) {
      named = true;
      const name = clause.firstNamedChild;
      if (name) builder.reexports.push([builder.text(name), from, '*']);
    }
  }
  if (from !== undefined && !named) builder.reexports.push(['*', from, '*']);
}

function exportSpecifier(builder: FactsBuilder, specifier: Node, from: string | undefined): void {
  const name = specifier.childForFieldName('name');
  if (!name) return;
  const alias = specifier.childForFieldName('alias');
  // The grammar does not accept reserved words as names of exports.
  const reserved = alias
    ? undefined
    : /^\s+as\s+([\w$]+)/.exec(builder.source.slice(name.endIndex, name.endIndex + 60))?.[1];
  const outer = reserved ?? builder.text(alias ?? name);
  if (from === undefined) builder.exports.push([outer, builder.text(name)]);
  else builder.reexports.push([outer, from, builder.text(name)]);
}

function exportDefault(builder: FactsBuilder, node: Node): void {
  const declared = node.childForFieldName('declaration')?.childForFieldName('name');
  if (declared) {
    builder.exports.push(['default', builder.text(declared)]);
    return;
  }
  const value = node.childForFieldName('value');
  if (!value) return;
  if (value.type === 'identifier') {
    builder.exports.push(['default', builder.text(value)]);
    return;
  }
  const name = value.childForFieldName('name');
  const definition = defineValue(builder, node, name ? builder.text(name) : 'default', value);
  if (definition !== undefined) {
    builder.exports.push(['default', definition]);
    return;
  }
  const expression = readValue(builder, value);
  if (expression === unknown) return;
  builder.bind('exports.default', { value: expression, scope: builder.scopeIndex }, 0);
  builder.exports.push(['default', 'exports.default']);
}

/** Handles `export = name`. */
export function handleExportAssignment(builder: FactsBuilder, node: Node): void {
  builder.exports.push(['=', builder.text(node)]);
}

function readString(builder: FactsBuilder, node: Node): string {
  return builder.text(node).slice(1, -1);
}
