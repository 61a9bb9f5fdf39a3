/** Erases types, for files with types that the grammar does not support. Names of interfaces and type aliases remain. */

import { type BabelNode, nodeIn, nodesIn } from './babel-node.ts';
import type { SourceRewriter } from './source-rewriter.ts';

/** Returns false if nothing inside of the node remains. */
type Rule = (node: BabelNode, rewriter: SourceRewriter, parent: BabelNode) => boolean;

const blankAll: Rule = ({ start, end }, rewriter) => {
  rewriter.erase(start, end);
  return false;
};

const blankAssertion: Rule = (node, rewriter) => {
  const expression = nodeIn(node, 'expression');
  const type = nodeIn(node, 'typeAnnotation');
  if (!expression || !type) return true;
  if (type.start > expression.end) {
    const keyword = rewriter.text(expression.end, type.start).search(/\b(?:as|satisfies)\b/);
    rewriter.erase(expression.end + keyword, node.end);
  } else rewriter.erase(node.start, rewriter.find('>', type.end, expression.start) + 1);
  return true;
};

const blankImplements: Rule = (node, rewriter) => {
  const body = nodeIn(node, 'body');
  const [first] = nodesIn(node, 'implements');
  const superTypes = nodeIn(node, 'superTypeArguments');
  if (superTypes) rewriter.erase(superTypes.start, superTypes.end);
  if (!body || !first) return true;
  const keyword = rewriter.text(node.start, first.start).lastIndexOf('implements');
  rewriter.erase(node.start + keyword, body.start);
  return true;
};

/** Replaces a type by a name, so that a declaration without a body still ends at the same offset. */
const nameType: Rule = (node, rewriter, parent) => {
  const { start, end } = node;
  if (parent.type === 'ArrowFunctionExpression') rewriter.erase(start, end);
  else rewriter.fill(nodeIn(node, 'typeAnnotation')?.start ?? start + 1, end);
  return false;
};

const rules: Readonly<Record<string, Rule>> = {
  TSTypeAnnotation: nameType,
  TSTypeParameterDeclaration: blankAll,
  TSIndexSignature: blankAll,
  TSAsExpression: blankAssertion,
  TSSatisfiesExpression: blankAssertion,
  TSTypeAssertion: blankAssertion,
  ClassDeclaration: blankImplements,
  ClassExpression: blankImplements,
  TSInterfaceDeclaration: (node, rewriter) => {
    const body = nodeIn(node, 'body');
    const name = nodeIn(node, 'id');
    if (!body || !name) return true;
    rewriter.erase(name.end, body.start);
    rewriter.erase(body.start + 1, body.end - 1);
    return false;
  },
  TSTypeAliasDeclaration: (node, rewriter) => {
    const type = nodeIn(node, 'typeAnnotation');
    const parameters = nodeIn(node, 'typeParameters');
    if (parameters) rewriter.erase(parameters.start, parameters.end);
    if (type) rewriter.fill(type.start, type.end);
    return false;
  },
};

/** Returns false if the descendants of the node are erased. */
export function eraseTypes(node: BabelNode, parent: BabelNode, rewriter: SourceRewriter): boolean {
  return rules[node.type]?.(node, rewriter, parent) ?? true;
}
