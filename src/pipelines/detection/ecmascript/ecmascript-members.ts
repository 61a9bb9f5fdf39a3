/** Handlers for the members of classes, interfaces, object types and object literals. */
import type { Node } from 'web-tree-sitter';
import { defined } from '../../../protocol/defined.ts';
import { unknown } from '../extract/facts/expression.ts';
import type { DefinitionDraft, FactsBuilder } from '../extract/facts-builder.ts';
import { defineValue } from './ecmascript-definitions.ts';
import { documentSignature, readDocumentedType } from './ecmascript-jsdoc.ts';
import { bindParameters } from './ecmascript-scopes.ts';
import { findFunctionType, readSignature, readType } from './ecmascript-types.ts';
import { readValue } from './ecmascript-values.ts';

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
    ...documentSignature(builder, [node], readSignature(builder, node, text)),
    ...(isStatic ? { static: true } : {}),
    ...(/(?:^|\s)get\s+$/.test(before) ? { getter: true } : {}),
  });
  if (owner >= 0) addOrReplaceMember(builder, owner, text, definition, node);
  // Without a body, the parameters are not used.
  if (!node.childForFieldName('body')) return;
  builder.enterScope('function', node.endIndex, { definition, owner, static: isStatic, callable: definition });
  bindParameters(builder, node, definition);
}

/** Adds a member. Overload signatures precede the implementation, which therefore replaces them. */
function addOrReplaceMember(builder: FactsBuilder, owner: number, name: string, definition: number, node: Node): void {
  const members = builder.definitions[owner]?.members;
  const existing = members?.findIndex(([other, index]) => {
    const draft = builder.definitions[index] as DefinitionDraft;
    return other === name && draft.static === builder.definitions[definition]?.static && !draft.getter;
  });
  if (members && existing !== undefined && existing >= 0) {
    const first = members[existing]?.[1] as number;
    const previous = builder.definitions[first] as DefinitionDraft;
    if (node.type === 'method_definition') {
      if (previous.body === undefined) {
        (builder.definitions[definition] as DefinitionDraft).overloads = previous.overloads ?? [first];
      }
      members[existing] = [name, definition];
    } else {
      previous.overloads ??= [first];
      previous.overloads.push(definition);
    }
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
  const annotation = node.childForFieldName('type');
  const functionType = value ? undefined : findFunctionType(annotation);
  if (functionType) {
    const method = builder.define(node, text, 'method', {
      ...readSignature(builder, functionType, text),
      ...(isStatic ? { static: true } : {}),
    });
    if (owner >= 0) builder.addMember(owner, text, method);
    return;
  }
  const type = readType(builder, annotation, text) ?? readDocumentedType(builder, node);
  const from = value && type === undefined ? readValue(builder, value) : unknown;
  builder.addField(
    owner,
    text,
    defined({ type, value: from === unknown ? undefined : from, static: isStatic || undefined }),
  );
}

/** Handles an index signature, whose type is that of a member with the name `[]`. */
export function handleIndexSignature(builder: FactsBuilder, node: Node): void {
  const type = readType(builder, node.childForFieldName('type'), 'item');
  const owner = findSignatureOwner(builder, node);
  if (owner >= 0 && type !== undefined) builder.addField(owner, '[]', { type });
}

/** Handles the signature of calls or constructions of an interface. */
export function handleSignature(builder: FactsBuilder, node: Node): void {
  const owner = findSignatureOwner(builder, node);
  const draft = builder.definitions[owner];
  if (!draft || (draft.form !== 'interface' && draft.form !== 'alias')) return;
  const signature = readSignature(builder, node, draft.name);
  if (node.type === 'construct_signature') {
    const constructs = readType(builder, node.childForFieldName('type'), draft.name);
    if (constructs !== undefined) draft.constructs ??= constructs;
    return;
  }
  if (!draft.callable) {
    draft.callable = true;
    Object.assign(draft, defined({ parameters: signature.parameters, returns: signature.returns }));
    if (signature.typeParameters) draft.typeParameters = [...(draft.typeParameters ?? []), ...signature.typeParameters];
    return;
  }
  const overload = builder.define(node, '', 'lambda', signature);
  draft.overloads ??= [owner];
  draft.overloads.push(overload);
}

/** Handles an entry of an object literal whose value is a function, class or object literal. */
export function handlePair(builder: FactsBuilder, node: Node): void {
  const key = node.childForFieldName('key');
  const value = node.childForFieldName('value');
  if (!key || !value) return;
  const owner = findOwner(builder, node);
  const isComputed = key.type === 'computed_property_name';
  if (owner < 0 && (value.type === 'object' || isComputed)) return;
  const text = readName(builder, key);
  const definition = defineValue(builder, node, text, value, 'method');
  if (definition !== undefined && owner >= 0 && !isComputed) builder.addMember(owner, text, definition);
}

/** Handles an entry of an object literal whose value is another expression. */
export function handleEntry(builder: FactsBuilder, node: Node): void {
  const owner = findOwner(builder, node);
  const key = node.childForFieldName('key');
  if (owner < 0 || !key) return;
  const value = readValue(builder, node.childForFieldName('value'));
  if (value !== unknown) builder.addField(owner, readName(builder, key), { value });
}

/** Handles `...other` in an object literal, whose members are those of the literal too. */
export function handleSpread(builder: FactsBuilder, node: Node): void {
  const owner = findOwner(builder, node);
  const value = owner < 0 ? unknown : readValue(builder, node.firstNamedChild);
  if (value !== unknown) builder.addField(owner, '...', { value });
}

export function handleShorthand(builder: FactsBuilder, node: Node): void {
  const owner = findOwner(builder, node);
  if (owner < 0) return;
  const name = builder.text(node);
  // The initial value of a shorthand is the variable outside of the object.
  builder.addField(owner, name, { value: builder.express('name', name) });
}

/** Returns the definition of the object or object type that directly contains an entry, or -1. */
function findOwner(builder: FactsBuilder, node: Node): number {
  const { container, start } = builder.stack;
  return container >= 0 && node.parent?.startIndex === start ? container : -1;
}

/** Returns the definition of the interface or object type that contains a signature, or -1. */
function findSignatureOwner(builder: FactsBuilder, node: Node): number {
  if (builder.stack.container >= 0) return findOwner(builder, node);
  return builder.scope.kind === 'class' ? builder.scope.owner : -1;
}

/** Returns a key without the quotes of a string. */
function readName(builder: FactsBuilder, name: Node): string {
  const text = builder.text(name);
  return /^['"]/.test(text) ? text.slice(1, -1) : text;
}
