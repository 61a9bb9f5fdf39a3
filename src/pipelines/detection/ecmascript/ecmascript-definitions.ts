/** Handlers for definitions in JavaScript and TypeScript. */
import type { Node } from 'web-tree-sitter';
import { defined } from '../../../protocol/defined.ts';
import type { DefinitionDraft, FactsBuilder } from '../extract/facts-builder.ts';
import { readTypeName, readValue } from './ecmascript-expressions.ts';
import { bindParameters, takePending } from './ecmascript-scopes.ts';

export function handleFunction(builder: FactsBuilder, node: Node): void {
  const name = node.childForFieldName('name');
  if (!name) return;
  const definition = builder.define(node, builder.text(name), 'function', readReturnType(builder, node));
  builder.bind(builder.text(name), { definition });
  if (!node.childForFieldName('body')) return;
  builder.enterScope('function', node.endIndex, { definition, owner: -1 });
  bindParameters(builder, node);
}

/** Handles a class, interface or enum. */
export function handleClassLike(builder: FactsBuilder, node: Node, form: 'class' | 'interface' | 'enum'): void {
  const name = node.childForFieldName('name');
  const pendingDefinition = takePending(builder, node);
  const bases = readBases(builder, node);
  let definition = pendingDefinition;
  if (definition === undefined) {
    if (!name) {
      builder.enterScope('class', node.endIndex, { owner: -1 });
      return;
    }
    const text = builder.text(name);
    definition = builder.define(node, text, form, bases);
    // The name of a class expression is only visible inside of it, so it is not bound here.
    if (node.type !== 'class') bindMerged(builder, text, definition, form);
  } else {
    Object.assign(builder.definitions[definition] as DefinitionDraft, bases);
  }
  builder.enterScope('class', node.endIndex, { definition, owner: definition, static: false });
  if (name && node.type === 'class') builder.bind(builder.text(name), { definition });
}

/** Binds a class or interface. An interface shares the members of an earlier declaration with the same name. */
function bindMerged(builder: FactsBuilder, name: string, definition: number, form: DefinitionDraft['form']): void {
  const existing = builder.scope.names.find(([other]) => other === name)?.[1];
  if (form === 'interface' && existing && 'definition' in existing) {
    const first = builder.definitions[existing.definition] as DefinitionDraft;
    first.members ??= [];
    first.fields ??= [];
    const draft = builder.definitions[definition] as DefinitionDraft;
    draft.members = first.members;
    draft.fields = first.fields;
    return;
  }
  builder.bind(name, { definition });
}

export function handleAlias(builder: FactsBuilder, node: Node): void {
  const name = node.childForFieldName('name');
  const value = node.childForFieldName('value');
  if (!name || !value) return;
  const parts = value.type === 'intersection_type' ? value.namedChildren : [value];
  const bases = parts.flatMap((part) => readTypeName(part, builder.source) ?? []);
  const text = builder.text(name);
  const definition = builder.define(node, text, 'alias', bases.length > 0 ? { bases } : {});
  if (builder.findDefinition(text) === undefined) builder.bind(text, { definition });
  if (value.type !== 'object_type') return;
  builder.advanceTo(value.startIndex);
  builder.enterScope('class', value.endIndex, { definition, owner: definition, static: false });
}

export function handleNamespace(builder: FactsBuilder, node: Node): void {
  const name = node.childForFieldName('name');
  if (!name) return;
  const text = builder.text(name);
  if (name.type === 'string') {
    builder.enterScope('block', node.endIndex);
    return;
  }
  const existing = builder.findDefinition(text);
  const definition = builder.define(node, text, 'namespace');
  if (existing === undefined) builder.bind(text, { definition });
  builder.enterScope('function', node.endIndex, { definition, owner: -1 });
}

/** Handles a method of a class or interface. */
export function handleMethod(builder: FactsBuilder, node: Node): void {
  defineMethod(builder, node, builder.scope.kind === 'class' ? builder.scope.owner : -1);
}

/** Handles a method of an object literal or object type. If that has no name, the method has no owner. */
export function handleEntryMethod(builder: FactsBuilder, node: Node): void {
  defineMethod(builder, node, findOwner(builder, node));
}

function defineMethod(builder: FactsBuilder, node: Node, owner: number): void {
  const name = node.childForFieldName('name');
  if (!name) return;
  const before = builder.source.slice(node.startIndex, name.startIndex);
  const isStatic = /(?:^|\s)static\s/.test(before);
  const text = readName(builder, name);
  const definition = builder.define(node, text, 'method', {
    ...readReturnType(builder, node),
    ...(isStatic ? { static: true } : {}),
    ...(/(?:^|\s)get\s+$/.test(before) ? { getter: true } : {}),
  });
  if (owner >= 0) addOrReplaceMember(builder, owner, text, definition, node);
  // Without a body, the parameters are not used.
  if (!node.childForFieldName('body')) return;
  builder.enterScope('function', node.endIndex, { definition, owner, static: isStatic });
  bindParameters(builder, node);
}

/** Adds a member. Overload signatures precede the implementation, which therefore replaces them. */
function addOrReplaceMember(builder: FactsBuilder, owner: number, name: string, definition: number, node: Node): void {
  const members = builder.definitions[owner]?.members;
  const existing = members?.findIndex(([other, index]) => {
    const draft = builder.definitions[index] as DefinitionDraft;
    return other === name && draft.static === builder.definitions[definition]?.static && !draft.getter;
  });
  if (members && existing !== undefined && existing >= 0) {
    if (node.type === 'method_definition') members[existing] = [name, definition];
    return;
  }
  builder.addMember(owner, name, definition);
}

export function handleField(builder: FactsBuilder, node: Node): void {
  if (builder.scope.kind === 'class') addField(builder, node, builder.scope.owner);
}

/** Handles a property of an object type. */
export function handleEntryField(builder: FactsBuilder, node: Node): void {
  const owner = findOwner(builder, node);
  if (owner >= 0) addField(builder, node, owner);
}

function addField(builder: FactsBuilder, node: Node, owner: number): void {
  const name = node.childForFieldName('name') ?? node.childForFieldName('property');
  if (!name) return;
  const text = readName(builder, name);
  const value = node.childForFieldName('value');
  const isStatic = /(?:^|\s)static\s/.test(builder.source.slice(node.startIndex, name.startIndex));
  const definition = value ? defineValue(builder, node, text, value, 'method') : undefined;
  if (definition !== undefined) {
    if (isStatic) (builder.definitions[definition] as DefinitionDraft).static = true;
    if (owner >= 0) builder.addMember(owner, text, definition);
    return;
  }
  const type = readTypeName(node.childForFieldName('type'), builder.source);
  const from = value && !type ? readValue(value, builder.source) : undefined;
  builder.addField(owner, text, defined({ type, value: from }));
}

/** Handles an entry of an object literal whose value is a function, class or object literal. */
export function handlePair(builder: FactsBuilder, node: Node): void {
  const key = node.childForFieldName('key');
  const value = node.childForFieldName('value');
  if (!key || !value) return;
  const owner = findOwner(builder, node);
  if (owner < 0 && value.type === 'object') return;
  const text = readName(builder, key);
  const definition = defineValue(builder, node, text, value, 'method');
  if (definition !== undefined && owner >= 0) builder.addMember(owner, text, definition);
}

/** Handles an entry of an object literal whose value is a reference, a call or a construction. */
export function handleEntry(builder: FactsBuilder, node: Node): void {
  const owner = findOwner(builder, node);
  const key = owner < 0 ? null : node.childForFieldName('key');
  const value = node.childForFieldName('value');
  const from = key && value ? readValue(value, builder.source) : undefined;
  if (key && from) builder.addField(owner, readName(builder, key), { value: from });
}

export function handleShorthand(builder: FactsBuilder, node: Node): void {
  const owner = findOwner(builder, node);
  if (owner >= 0) builder.addField(owner, builder.text(node), { value: builder.text(node) });
}

/**
 * Adds a definition for a function, class or object literal and returns its index. Returns undefined for other values.
 * @param isLater whether the value belongs to an inner assignment that will be handled later
 */
export function defineValue(
  builder: FactsBuilder,
  node: Node,
  name: string,
  value: Node,
  form: 'function' | 'method' = 'function',
  isLater = false,
): number | undefined {
  switch (value.type) {
    case 'arrow_function':
    case 'function_expression':
    case 'generator_function': {
      const definition = builder.define(node, name, form, readReturnType(builder, value));
      builder.pending.set(value.startIndex, definition);
      return definition;
    }
    case 'class': {
      const definition = builder.define(node, name, 'class');
      builder.pending.set(value.startIndex, definition);
      return definition;
    }
    case 'object': {
      if (isLater) return undefined;
      const definition = builder.define(node, name, 'object');
      builder.advanceTo(value.startIndex);
      builder.enterScope('class', value.endIndex, { definition, owner: definition, static: false });
      return definition;
    }
    default:
      return undefined;
  }
}

/** Returns the index of the named object or object type that directly contains an entry, or -1. */
function findOwner(builder: FactsBuilder, node: Node): number {
  const { scope } = builder;
  if (scope.kind !== 'class' || scope.owner < 0) return -1;
  const { form } = builder.definitions[scope.owner] as DefinitionDraft;
  if (form !== 'object' && form !== 'alias') return -1;
  return node.parent?.startIndex === builder.scopeStart ? scope.owner : -1;
}

function readBases(builder: FactsBuilder, node: Node): { bases: string[] } | undefined {
  const heritage = node.namedChildren.find(
    (child) => child.type === 'class_heritage' || child.type === 'extends_type_clause',
  );
  if (!heritage) return undefined;
  if (heritage.type === 'extends_type_clause') {
    return { bases: heritage.namedChildren.flatMap((type) => readTypeName(type, builder.source) ?? []) };
  }
  const clause = heritage.firstNamedChild;
  if (!clause || clause.type === 'implements_clause') return undefined;
  const base = clause.type === 'extends_clause' ? clause.childForFieldName('value') : clause;
  // A computed base such as `mixin(A)` is kept as written. It matches no name, so its members stay unresolved.
  return base ? { bases: [builder.text(base).slice(0, 200)] } : undefined;
}

function readReturnType(builder: FactsBuilder, node: Node): { returns: string } | undefined {
  const returns = readTypeName(node.childForFieldName('return_type'), builder.source);
  return returns ? { returns } : undefined;
}

/** Returns a key without the quotes of a string. */
function readName(builder: FactsBuilder, name: Node): string {
  const text = builder.text(name);
  return /^['"]/.test(text) ? text.slice(1, -1) : text;
}
