/** Handlers for the captures of Python. */
import type { Node } from 'web-tree-sitter';
import { defined } from '../../../protocol/defined.ts';
import { plainNamePattern } from '../extract/callee-text.ts';
import type { ImportForm } from '../extract/facts.ts';
import type { DefinitionDraft, FactsBuilder, LanguageSyntax } from '../extract/facts-builder.ts';
import { collectNames, readCallee, readTypeName, readValue } from './python-expressions.ts';

export const python: LanguageSyntax = {
  call: handleCall,
  function: handleFunction,
  class: handleClass,
  import: handleImport,
  from: handleImportFrom,
  assignment: handleAssignment,
  bind: handleBindingTarget,
  lambda: handleLambda,
  comprehension: (builder, node) => builder.enterScope('function', node.endIndex),
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
  builder.addCall(callee.start, args.endIndex, callee.nameStart, callee.text, 'call');
}

function handleFunction(builder: FactsBuilder, node: Node): void {
  const name = node.childForFieldName('name');
  if (!name) return;
  const text = builder.text(name);
  const outer = builder.scope;
  const inClass = outer.kind === 'class';
  const decorators = readDecorators(builder, node);
  const returns = readTypeName(node.childForFieldName('return_type'), builder.source);
  const definition = builder.define(node, text, inClass ? 'method' : 'function', {
    ...(returns ? { returns } : {}),
    ...(/@(?:\w+\.)*(?:cached_)?property\b/.test(decorators) ? { getter: true as const } : {}),
  });
  if (inClass) addMember(builder, outer.owner, text, definition, decorators);
  builder.bind(text, { definition });
  builder.enterScope('function', node.endIndex, { definition });
  bindParameters(builder, node, inClass ? outer.owner : -1, decorators);
}

/** Adds a member. A method replaces earlier ones of the same name (overloads), unless it is an accessor of a property. */
function addMember(builder: FactsBuilder, owner: number, name: string, definition: number, decorators: string): void {
  const members = builder.definitions[owner]?.members;
  const existing = members?.findIndex(([other]) => other === name) ?? -1;
  if (members && existing >= 0) {
    if (!/\.(?:setter|deleter|getter)\b/.test(decorators)) members[existing] = [name, definition];
    return;
  }
  builder.addMember(owner, name, definition);
}

/** Returns the source text of the decorators of a definition. */
function readDecorators(builder: FactsBuilder, node: Node): string {
  const { parent } = node;
  return parent?.type === 'decorated_definition' ? builder.source.slice(parent.startIndex, node.startIndex) : '';
}

function bindParameters(builder: FactsBuilder, node: Node, owner: number, decorators: string): void {
  const { source, scopeIndex: scope } = builder;
  const parameters = node.childForFieldName('parameters');
  if (!parameters) return;
  for (const [index, parameter] of parameters.namedChildren.entries()) {
    const named = findParameterName(parameter);
    if (!named) continue;
    const name = builder.text(named.name);
    if (index === 0 && owner >= 0 && !/@staticmethod\b/.test(decorators)) {
      builder.bind(name, /@classmethod\b/.test(decorators) ? { owner } : { self: owner }, scope);
      continue;
    }
    const type = named.isVariadic ? undefined : readTypeName(parameter.childForFieldName('type'), source);
    builder.bind(name, { ...defined({ type }), scope }, scope);
  }
}

/** Returns the name of a parameter. `*args` and `**kwargs` are variadic; their annotation is the type of each item. */
function findParameterName(parameter: Node): { readonly name: Node; readonly isVariadic: boolean } | undefined {
  let name: Node | null = parameter;
  if (parameter.type === 'typed_parameter') name = parameter.firstNamedChild;
  else if (parameter.type !== 'identifier' && !parameter.type.endsWith('splat_pattern')) {
    name = parameter.childForFieldName('name');
  }
  const isVariadic = name?.type.endsWith('splat_pattern') ?? false;
  if (isVariadic) name = name?.firstNamedChild ?? null;
  return name?.type === 'identifier' ? { name, isVariadic } : undefined;
}

function handleClass(builder: FactsBuilder, node: Node): void {
  const name = node.childForFieldName('name');
  if (!name) return;
  const bases = (node.childForFieldName('superclasses')?.namedChildren ?? []).flatMap((base) => {
    const written = base.type === 'subscript' ? base.childForFieldName('value') : base;
    if (!written || base.type === 'keyword_argument' || base.type.endsWith('splat')) return [];
    return [builder.text(written).slice(0, 200)];
  });
  const text = builder.text(name);
  const definition = builder.define(node, text, 'class', bases.length > 0 ? { bases } : {});
  const outer = builder.scope;
  if (outer.kind === 'class') builder.addMember(outer.owner, text, definition);
  builder.bind(text, { definition });
  builder.enterScope('class', node.endIndex, { definition, owner: definition });
}

function handleImport(builder: FactsBuilder, node: Node): void {
  for (const part of node.namedChildren) {
    const name = part.childForFieldName('name');
    const alias = part.childForFieldName('alias');
    const full = builder.text(name ?? part);
    builder.addImport(full.replace(/\s/g, ''), node.startIndex, findImportForm(node));
    if (alias) builder.bind(builder.text(alias), { from: full, name: '*' });
    else builder.bind(full.split('.')[0] as string, { from: full.split('.')[0] as string, name: '*' });
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
      if (name && alias) builder.bind(builder.text(alias), { from, name: builder.text(name) });
    } else if (part.type === 'dotted_name') {
      builder.bind(builder.text(part), { from, name: builder.text(part) });
    }
  }
}

function handleAssignment(builder: FactsBuilder, node: Node): void {
  const left = node.childForFieldName('left');
  const right = node.childForFieldName('right');
  if (!left) return;
  const { scope, source, scopeIndex } = builder;
  const type = readTypeName(node.childForFieldName('type'), source);
  const value =
    right && /^(call|identifier|attribute|await|string|list|dictionary|integer)$/.test(right.type)
      ? readValue(right, source)
      : undefined;
  const field = defined({ type, value });
  if (left.type === 'identifier') {
    const name = builder.text(left);
    bindVariable(builder, name, { ...field, scope: scopeIndex });
    if (scope.kind === 'class') addField(builder, scope.owner, name, field);
    return;
  }
  if (left.type !== 'attribute') {
    for (const name of collectNames(left, source)) bindVariable(builder, name, { scope: scopeIndex });
    return;
  }
  const object = left.childForFieldName('object');
  const name = left.childForFieldName('attribute');
  if (scope.owner < 0 || object?.type !== 'identifier' || !name || builder.text(object) !== 'self') return;
  addField(builder, scope.owner, builder.text(name), field);
}

/** Binds a variable, unless the name is already bound to something whose type or value is known. */
function bindVariable(
  builder: FactsBuilder,
  name: string,
  variable: { type?: string; value?: string; scope: number },
): void {
  const existing = builder.scope.names.find(([other]) => other === name)?.[1];
  if (!existing || ('scope' in existing && !existing.type && !existing.value)) builder.bind(name, variable);
}

function addField(builder: FactsBuilder, owner: number, name: string, field: { type?: string; value?: string }): void {
  const draft = builder.definitions[owner] as DefinitionDraft | undefined;
  const existing = draft?.fields?.findIndex(([other]) => other === name) ?? -1;
  if (!draft?.fields || existing < 0) {
    builder.addField(owner, name, field);
    return;
  }
  const first = draft.fields[existing]?.[1];
  if (!first?.type && !first?.value) draft.fields[existing] = [name, { ...field, scope: builder.scopeIndex }];
}

function handleBindingTarget(builder: FactsBuilder, node: Node): void {
  for (const name of collectNames(node, builder.source)) bindVariable(builder, name, { scope: builder.scopeIndex });
}

function handleLambda(builder: FactsBuilder, node: Node): void {
  builder.enterScope('function', node.endIndex);
  const parameters = node.childForFieldName('parameters');
  for (const parameter of parameters?.namedChildren ?? []) {
    const named = findParameterName(parameter);
    if (named) builder.bind(builder.text(named.name), { scope: builder.scopeIndex });
  }
}
