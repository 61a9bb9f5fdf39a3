/** Handlers for definitions in JavaScript and TypeScript. */
import type { Node } from 'web-tree-sitter';
import { defined } from '../../../protocol/defined.ts';
import { unknown } from '../extract/facts/expression.ts';
import type { DefinitionDraft, FactsBuilder } from '../extract/facts-builder.ts';
import { documentSignature } from './ecmascript-jsdoc.ts';
import { bindParameters, takePending } from './ecmascript-scopes.ts';
import { readSignature, readType, readTypeParameters } from './ecmascript-types.ts';
import { readValue } from './ecmascript-values.ts';

export function handleFunction(builder: FactsBuilder, node: Node): void {
  const name = node.childForFieldName('name');
  if (!name) return;
  const text = builder.text(name);
  const signature = documentSignature(builder, [node], readSignature(builder, node, text));
  const definition = builder.define(node, text, 'function', signature);
  const hasBody = node.childForFieldName('body') !== null;
  addOverloads(builder, text, definition, hasBody);
  builder.bind(text, { definition });
  if (!hasBody) return;
  builder.enterScope('function', node.endIndex, { definition, owner: -1, callable: definition });
  bindParameters(builder, node, definition);
}

/** Collects the signatures of an overloaded function, which precede its implementation. */
function addOverloads(builder: FactsBuilder, name: string, definition: number, hasBody: boolean): void {
  const existing = builder.scope.names.find(([other]) => other === name)?.[1];
  if (!existing || !('definition' in existing)) return;
  const previous = builder.definitions[existing.definition] as DefinitionDraft;
  if (previous.form !== 'function' || previous.body !== undefined) return;
  const overloads = [...(previous.overloads ?? []), existing.definition];
  (builder.definitions[definition] as DefinitionDraft).overloads = hasBody ? overloads : [...overloads, definition];
}

/** Handles a class, interface or enum. */
export function handleClassLike(builder: FactsBuilder, node: Node, form: 'class' | 'interface' | 'enum'): void {
  const name = node.childForFieldName('name');
  const pendingDefinition = takePending(builder, node);
  const bases = { ...readBases(builder, node), ...defined({ typeParameters: readTypeParameters(builder, node) }) };
  let definition = pendingDefinition;
  if (definition === undefined) {
    if (!name) {
      const owner = builder.define(node, '', 'class');
      Object.assign(builder.definitions[owner] as DefinitionDraft, bases);
      builder.enterScope('class', node.endIndex, { owner, static: false, callable: owner });
      builder.bindTypeParameters(bases.typeParameters);
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
  builder.bindTypeParameters(bases.typeParameters);
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
  const text = builder.text(name);
  const typeParameters = readTypeParameters(builder, node);
  const definition = builder.define(node, text, 'alias', defined({ typeParameters }));
  if (builder.findDefinition(text) === undefined) builder.bind(text, { definition });
  if (value.type === 'object_type') builder.pending.set(value.startIndex, definition);
  else {
    const type = readType(builder, value, text);
    if (type !== undefined) (builder.definitions[definition] as DefinitionDraft).bases = [type];
  }
  if (!typeParameters) return;
  builder.enterScope('block', node.endIndex, { owner: builder.scope.owner });
  builder.bindTypeParameters(typeParameters);
}

/** Handles an object type or object literal that a variable, type or expression needs. */
export function handleObject(builder: FactsBuilder, node: Node): void {
  const definition = takePending(builder, node);
  if (definition === undefined) return;
  const isNamed = builder.definitions[definition]?.name !== '';
  builder.enterScope('block', node.endIndex, { container: definition, ...(isNamed ? { definition } : {}) });
}

export function handleNamespace(builder: FactsBuilder, node: Node): void {
  const name = node.childForFieldName('name');
  if (!name) return;
  const text = builder.text(name);
  const body = node.childForFieldName('body');
  // The body is the scope of the namespace itself.
  if (body) builder.handledNodes.add(body.id);
  if (name.type === 'string') {
    const described = builder.define(node, '', 'namespace');
    builder.ambientModules.push([text.slice(1, -1), described]);
    builder.enterScope('function', node.endIndex, { container: described, owner: -1 });
    return;
  }
  const existing = builder.findDefinition(text);
  const definition = builder.define(node, text, 'namespace');
  if (existing === undefined) builder.bind(text, { definition });
  builder.enterScope('function', node.endIndex, { definition, owner: -1 });
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
      const definition = builder.define(
        node,
        name,
        form,
        documentSignature(builder, [node, value], readSignature(builder, value, name)),
      );
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
      builder.pending.set(value.startIndex, definition);
      return definition;
    }
    default:
      return undefined;
  }
}

function readBases(
  builder: FactsBuilder,
  node: Node,
): { readonly bases?: string[]; readonly computedBase?: { value: number; scope: number } } {
  const heritage = node.namedChildren.find(
    (child) => child.type === 'class_heritage' || child.type === 'extends_type_clause',
  );
  if (!heritage) return {};
  if (heritage.type === 'extends_type_clause') {
    return { bases: heritage.namedChildren.flatMap((type) => readType(builder, type, 'base') ?? []) };
  }
  const clause = heritage.firstNamedChild;
  if (!clause || clause.type === 'implements_clause') return {};
  const base = clause.type === 'extends_clause' ? clause.childForFieldName('value') : clause;
  if (!base) return {};
  const text = builder.text(base);
  if (/^[\w$.]+$/.test(text)) {
    const args = clause.childForFieldName('type_arguments');
    return { bases: [text + (args ? (readType(builder, args, 'base') ?? '') : '')] };
  }
  const value = readValue(builder, base);
  return value === unknown ? { bases: ['unknown'] } : { computedBase: { value, scope: builder.scopeIndex } };
}
