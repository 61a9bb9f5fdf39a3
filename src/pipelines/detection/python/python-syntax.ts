/** What the captures of Python mean: one row each. */
import type { Node } from 'web-tree-sitter';
import { plainName } from '../extract/callee-text.ts';
import type { ImportForm } from '../extract/facts.ts';
import type { Draft, Sweep, Syntax } from '../extract/facts-builder.ts';
import { calleeOf, namesIn, typeName, valueText } from './python-expressions.ts';

export const python: Syntax = {
  call,
  function: functionDefinition,
  class: classDefinition,
  import: imported,
  from: importedFrom,
  assignment,
  bind,
  lambda,
  comprehension: (sweep, node) => sweep.enter('function', node.endIndex),
};

function call(sweep: Sweep, node: Node): void {
  const inputs = node.childForFieldName('arguments');
  if (!inputs) return;
  const start = node.startIndex;
  const text = sweep.source.slice(start, inputs.startIndex);
  if (plainName.test(text)) {
    sweep.addCall(start, inputs.endIndex, start + text.lastIndexOf('.') + 1, text, 'call');
    return;
  }
  const called = node.childForFieldName('function');
  if (!called) return;
  const callee = calleeOf(called, sweep.source);
  sweep.addCall(callee.start, inputs.endIndex, callee.nameAt, callee.text, 'call');
}

function functionDefinition(sweep: Sweep, node: Node): void {
  const name = node.childForFieldName('name');
  if (!name) return;
  const text = sweep.text(name);
  const outer = sweep.scope;
  const inClass = outer.kind === 'class';
  const decorators = decoratorsOf(sweep, node);
  const returns = typeName(node.childForFieldName('return_type'), sweep.source);
  const definition = sweep.define(node, text, inClass ? 'method' : 'function', {
    ...(returns ? { returns } : {}),
    ...(/@(?:\w+\.)*(?:cached_)?property\b/.test(decorators) ? { getter: true as const } : {}),
  });
  if (inClass) addMember(sweep, outer.owner, text, definition, decorators);
  sweep.bind(text, { definition });
  sweep.enter('function', node.endIndex, { definition });
  bindParameters(sweep, node, inClass ? outer.owner : -1, decorators);
}

/** Of several methods of one name the first is kept, unless it was an overload; a property's setter comes after it. */
function addMember(sweep: Sweep, owner: number, name: string, definition: number, decorators: string): void {
  const members = sweep.definitions[owner]?.members;
  const known = members?.findIndex(([other]) => other === name) ?? -1;
  if (members && known >= 0) {
    if (!/\.(?:setter|deleter|getter)\b/.test(decorators)) members[known] = [name, definition];
    return;
  }
  sweep.addMember(owner, name, definition);
}

/** Text of the decorators above a definition. */
function decoratorsOf(sweep: Sweep, node: Node): string {
  const around = node.parent;
  return around?.type === 'decorated_definition' ? sweep.source.slice(around.startIndex, node.startIndex) : '';
}

function bindParameters(sweep: Sweep, node: Node, owner: number, decorators: string): void {
  const { source, scopeIndex: scope } = sweep;
  const parameters = node.childForFieldName('parameters');
  if (!parameters) return;
  for (const [index, parameter] of parameters.namedChildren.entries()) {
    const named = parameterName(parameter);
    if (!named) continue;
    const name = sweep.text(named.name);
    if (index === 0 && owner >= 0 && !/@staticmethod\b/.test(decorators)) {
      sweep.bind(name, /@classmethod\b/.test(decorators) ? { owner } : { self: owner }, scope);
      continue;
    }
    const type = named.many ? undefined : typeName(parameter.childForFieldName('type'), source);
    sweep.bind(name, { ...(type ? { type } : {}), scope }, scope);
  }
}

/** Name of a parameter; `many` for `*args` and `**kwargs`, whose annotation is of their items. */
function parameterName(parameter: Node): { readonly name: Node; readonly many: boolean } | undefined {
  let at: Node | null = parameter;
  if (parameter.type === 'typed_parameter') at = parameter.firstNamedChild;
  else if (parameter.type !== 'identifier' && !parameter.type.endsWith('splat_pattern')) {
    at = parameter.childForFieldName('name');
  }
  const many = at?.type.endsWith('splat_pattern') ?? false;
  if (many) at = at?.firstNamedChild ?? null;
  return at?.type === 'identifier' ? { name: at, many } : undefined;
}

function classDefinition(sweep: Sweep, node: Node): void {
  const name = node.childForFieldName('name');
  if (!name) return;
  const bases = (node.childForFieldName('superclasses')?.namedChildren ?? []).flatMap((base) => {
    const written = base.type === 'subscript' ? base.childForFieldName('value') : base;
    if (!written || base.type === 'keyword_argument' || base.type.endsWith('splat')) return [];
    return [sweep.text(written).slice(0, 200)];
  });
  const text = sweep.text(name);
  const definition = sweep.define(node, text, 'class', bases.length > 0 ? { bases } : {});
  const outer = sweep.scope;
  if (outer.kind === 'class') sweep.addMember(outer.owner, text, definition);
  sweep.bind(text, { definition });
  sweep.enter('class', node.endIndex, { definition, owner: definition });
}

function imported(sweep: Sweep, node: Node): void {
  for (const part of node.namedChildren) {
    const name = part.childForFieldName('name');
    const alias = part.childForFieldName('alias');
    const full = sweep.text(name ?? part);
    sweep.addImport(full.replace(/\s/g, ''), node.startIndex, importForm(node));
    if (alias) sweep.bind(sweep.text(alias), { from: full, name: '*' });
    else sweep.bind(full.split('.')[0] as string, { from: full.split('.')[0] as string, name: '*' });
  }
}

/** In a `try` that catches something, or below an `if` of any kind, a module may be missing. */
function importForm(node: Node): ImportForm {
  for (let at = node.parent; at; at = at.parent) {
    if (at.type === 'try_statement') return 'optional';
    if (at.type !== 'if_statement') continue;
    const condition = at.childForFieldName('condition')?.text ?? '';
    return /\bTYPE_CHECKING\b/.test(condition) ? 'type' : 'optional';
  }
  return 'static';
}

function importedFrom(sweep: Sweep, node: Node): void {
  const module = node.childForFieldName('module_name');
  if (!module) return;
  const from = sweep.text(module).replace(/\s/g, '');
  const names = node.namedChildren
    .filter((part) => part.startIndex !== module.startIndex && /^(?:dotted_name|aliased_import)$/.test(part.type))
    .map((part) => sweep.text(part.childForFieldName('name') ?? part));
  sweep.addImport(from, node.startIndex, importForm(node), names);
  for (const part of node.namedChildren) {
    if (part.startIndex === module.startIndex) continue;
    if (part.type === 'wildcard_import') {
      sweep.reexports.push(['*', from, '*']);
    } else if (part.type === 'aliased_import') {
      const name = part.childForFieldName('name');
      const alias = part.childForFieldName('alias');
      if (name && alias) sweep.bind(sweep.text(alias), { from, name: sweep.text(name) });
    } else if (part.type === 'dotted_name') {
      sweep.bind(sweep.text(part), { from, name: sweep.text(part) });
    }
  }
}

function assignment(sweep: Sweep, node: Node): void {
  const left = node.childForFieldName('left');
  const right = node.childForFieldName('right');
  if (!left) return;
  const { scope, source, scopeIndex } = sweep;
  const type = typeName(node.childForFieldName('type'), source);
  const value =
    right && /^(call|identifier|attribute|await|string|list|dictionary|integer)$/.test(right.type)
      ? valueText(right, source)
      : undefined;
  const known = { ...(type ? { type } : {}), ...(value ? { value } : {}) };
  if (left.type === 'identifier') {
    const name = sweep.text(left);
    bindNew(sweep, name, { ...known, scope: scopeIndex });
    if (scope.kind === 'class') addField(sweep, scope.owner, name, known);
    return;
  }
  if (left.type !== 'attribute') {
    for (const name of namesIn(left, source)) bindNew(sweep, name, { scope: scopeIndex });
    return;
  }
  const object = left.childForFieldName('object');
  const name = left.childForFieldName('attribute');
  if (scope.owner < 0 || object?.type !== 'identifier' || !name || sweep.text(object) !== 'self') return;
  addField(sweep, scope.owner, sweep.text(name), known);
}

/** The first assignment that tells something about a name is kept. */
function bindNew(sweep: Sweep, name: string, variable: { type?: string; value?: string; scope: number }): void {
  const known = sweep.scope.names.find(([other]) => other === name)?.[1];
  if (!known || ('scope' in known && !known.type && !known.value)) sweep.bind(name, variable);
}

function addField(sweep: Sweep, owner: number, name: string, field: { type?: string; value?: string }): void {
  const draft = sweep.definitions[owner] as Draft | undefined;
  const known = draft?.fields?.findIndex(([other]) => other === name) ?? -1;
  if (!draft?.fields || known < 0) {
    sweep.addField(owner, name, field);
    return;
  }
  const first = draft.fields[known]?.[1];
  if (!first?.type && !first?.value) draft.fields[known] = [name, { ...field, scope: sweep.scopeIndex }];
}

function bind(sweep: Sweep, node: Node): void {
  for (const name of namesIn(node, sweep.source)) bindNew(sweep, name, { scope: sweep.scopeIndex });
}

function lambda(sweep: Sweep, node: Node): void {
  sweep.enter('function', node.endIndex);
  const parameters = node.childForFieldName('parameters');
  for (const parameter of parameters?.namedChildren ?? []) {
    const named = parameterName(parameter);
    if (named) sweep.bind(sweep.text(named.name), { scope: sweep.scopeIndex });
  }
}
