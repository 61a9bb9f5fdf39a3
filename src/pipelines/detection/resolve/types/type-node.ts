/** Types as they are written. */

/** A type. Names are not resolved yet. */
export type TypeNode =
  | { readonly kind: 'reference'; readonly names: readonly string[]; readonly args: readonly TypeNode[] }
  | {
      readonly kind: 'import';
      readonly from: string;
      readonly names: readonly string[];
      readonly args: readonly TypeNode[];
    }
  | { readonly kind: 'union' | 'intersection' | 'tuple'; readonly parts: readonly TypeNode[] }
  | { readonly kind: 'array'; readonly item: TypeNode }
  | {
      readonly kind: 'function';
      readonly parameters: readonly TypeNode[];
      readonly rest?: true;
      readonly typeParameters: readonly string[];
      readonly returns: TypeNode;
      readonly constructs?: true;
    }
  /** Object type with this definition. */
  | { readonly kind: 'object'; readonly definition: number }
  /** Object type in a comment. */
  | { readonly kind: 'members'; readonly members: ReadonlyMap<string, TypeNode> }
  | { readonly kind: 'typeof'; readonly names: readonly string[]; readonly from?: string }
  | { readonly kind: 'member'; readonly object: TypeNode; readonly name: string }
  | { readonly kind: 'conditional'; readonly branches: readonly TypeNode[] }
  /** String, number or other literal, whose value is a primitive. */
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'unknown' };

/** Returns the type of a member, such as `A['b']`. */
export function memberType(object: TypeNode, key: TypeNode): TypeNode {
  if (key.kind === 'literal' && !/^-?\d/.test(key.text)) return { kind: 'member', object, name: key.text };
  if (key.kind === 'reference' && key.names.length === 1 && key.names[0] === 'number') {
    return { kind: 'member', object, name: '[]' };
  }
  return { kind: 'unknown' };
}
