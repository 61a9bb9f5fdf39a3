/** Reads types and signatures from the syntax trees of TypeScript. */
import type { Node } from 'web-tree-sitter';
import { defined } from '../../../protocol/defined.ts';
import type { Parameter, TypeParameter } from '../extract/facts.ts';
import type { DefinitionDraft, FactsBuilder } from '../extract/facts-builder.ts';

/** Longer types are mostly computed, so nothing is lost if they are ignored. */
const maxTypeLength = 2000;

/**
 * Returns the text of a type or annotation. Object types in it become definitions, to which `{#index}` refers.
 * @param name name of those definitions
 */
export function readType(builder: FactsBuilder, node: Node | null | undefined, name: string): string | undefined {
  if (!node) return undefined;
  let type: Node | null = node;
  while (type && /^(?:type_annotation|asserts_annotation|type_predicate_annotation)$/.test(type.type)) {
    type = type.firstNamedChild;
  }
  if (!type || type.endIndex - type.startIndex > 10 * maxTypeLength) return undefined;
  if (/^(?:type_predicate|asserts)$/.test(type.type)) return 'boolean';
  const text = compactType(readTypeText(builder, type, name));
  return text === '' || text.length > maxTypeLength ? undefined : text;
}

/** Removes comments and line breaks. */
export function compactType(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function readTypeText(builder: FactsBuilder, node: Node, name: string): string {
  const text = builder.text(node);
  if (!text.includes('{')) return text;
  if (node.type === 'object_type') return `{#${defineObjectType(builder, node, name)}}`;
  let result = '';
  let end = node.startIndex;
  for (const child of node.children) {
    const gap = builder.source.slice(end, child.startIndex);
    result += gap + readTypeText(builder, child, name);
    end = child.endIndex;
  }
  return result + builder.source.slice(end, node.endIndex);
}

/** Defines an object type, whose members are added when the capture of the type is handled. */
function defineObjectType(builder: FactsBuilder, node: Node, name: string): number {
  const existing = builder.pending.get(node.startIndex);
  if (existing !== undefined) return existing;
  const definition = builder.define(node, name, 'alias');
  builder.pending.set(node.startIndex, definition);
  return definition;
}

export function readTypeParameters(builder: FactsBuilder, node: Node): TypeParameter[] | undefined {
  const list = node.childForFieldName('type_parameters');
  if (!list) return undefined;
  return list.namedChildren.flatMap((parameter) => {
    const name = parameter.childForFieldName('name');
    if (!name) return [];
    const text = builder.text(name);
    const constraint = readType(builder, parameter.childForFieldName('constraint')?.firstNamedChild, text);
    const initial = readType(builder, parameter.childForFieldName('value')?.firstNamedChild, text);
    return [{ name: text, ...defined({ constraint, initial }) }];
  });
}

/** Returns the parameters and types of a function, method or signature. */
export function readSignature(builder: FactsBuilder, node: Node, name: string): Partial<DefinitionDraft> {
  const typeParameters = readTypeParameters(builder, node);
  const parameters = readParameters(builder, node, name);
  const returns = readType(builder, node.childForFieldName('return_type'), name);
  const first = node.childForFieldName('name') ?? node.childForFieldName('parameters');
  const before = builder.source.slice(node.startIndex, first?.startIndex ?? node.startIndex + 6);
  const isAsync = /\basync\b/.test(before);
  const isGenerator = before.includes('*');
  return {
    ...defined({ typeParameters, parameters, returns }),
    ...(isAsync ? { async: true as const } : {}),
    ...(isGenerator ? { generator: true as const } : {}),
  };
}

function readParameters(builder: FactsBuilder, node: Node, owner: string): Parameter[] | undefined {
  const list = node.childForFieldName('parameters');
  if (!list) {
    const single = node.childForFieldName('parameter');
    return single ? [{ name: builder.text(single) }] : undefined;
  }
  const parameters = list.namedChildren.flatMap((parameter): Parameter[] => {
    if (parameter.type === 'comment' || parameter.type === 'decorator') return [];
    const pattern = parameter.childForFieldName('pattern') ?? parameter.childForFieldName('left') ?? parameter;
    const isRest = pattern.type === 'rest_pattern';
    const inner = isRest ? (pattern.firstNamedChild ?? pattern) : pattern;
    const name = inner.type === 'identifier' || inner.type === 'this' ? builder.text(inner) : '';
    if (name === 'this') return [];
    const type = readType(builder, parameter.childForFieldName('type'), name || owner);
    const isOptional =
      parameter.type === 'optional_parameter' ||
      parameter.type === 'assignment_pattern' ||
      parameter.childForFieldName('value') !== null;
    return [
      { name, ...defined({ type, form: isRest ? ('rest' as const) : isOptional ? ('optional' as const) : undefined }) },
    ];
  });
  return parameters.length > 0 ? parameters : undefined;
}

/** Returns the function type that a property declares, also if the property is optional or nullable. */
export function findFunctionType(annotation: Node | null): Node | undefined {
  let node = annotation?.firstNamedChild;
  while (node?.type === 'parenthesized_type' || node?.type === 'union_type') {
    if (node.type === 'parenthesized_type') node = node.firstNamedChild;
    else {
      const parts = node.namedChildren.filter((part) => !/^(?:undefined|null)$/.test(part.text));
      if (parts.length !== 1) return undefined;
      node = parts[0];
    }
  }
  return node?.type === 'function_type' ? node : undefined;
}
