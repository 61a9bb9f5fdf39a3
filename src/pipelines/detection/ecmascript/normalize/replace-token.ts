/** Replaces the text of names and literals whose content the grammars of tree-sitter do not support. */

import { type BabelNode, nodeIn } from './babel-node.ts';
import type { SourceRewriter } from './source-rewriter.ts';

type Rule = (node: BabelNode, rewriter: SourceRewriter, parent: BabelNode) => void;

const rules: Readonly<Record<string, Rule>> = {
  Identifier: (node, rewriter, parent) => {
    if (/^(?:Im|Ex)port.*Specifier$/.test(parent.type)) renameReserved(node, rewriter);
    if (parent.type !== 'MetaProperty' && parent.type !== 'TSModuleDeclaration') renameKeyword(node, rewriter);
  },
  JSXIdentifier: (node, rewriter, parent) => {
    const isObject = parent.type === 'JSXMemberExpression' && nodeIn(parent, 'object') === node;
    if (isObject && node.name === 'this') rewriter.fill(node.start, node.end);
  },
  JSXText: ({ start, end }, rewriter) => fillWords(start, end, rewriter),
  StringLiteral: fillBetweenQuotes,
  DirectiveLiteral: fillBetweenQuotes,
  TemplateElement: ({ start, end }, rewriter) => rewriter.fill(start, end),
  RegExpLiteral: (node, rewriter) => rewriter.fill(node.start + 1, node.start + 1 + String(node.pattern).length),
  NumericLiteral: fillNumber,
  BigIntLiteral: fillNumber,
  InterpreterDirective: ({ start, end }, rewriter) => rewriter.blank(start, end),
};

export function replaceToken(node: BabelNode, parent: BabelNode, rewriter: SourceRewriter): void {
  rules[node.type]?.(node, rewriter, parent);
}

/** Words that are names in some places and keywords in others, where a grammar may only expect the keyword. */
const contextualKeywords = new Set(
  `abstract accessor any as asserts assert async await bigint boolean declare defer from get global infer intrinsic is keyof
  let meta module namespace never number object of out override private protected public readonly require satisfies set
  source static string symbol target type undefined unique unknown using yield`.split(/\s+/),
);

/** Name of an identifier. The node may end later, because it includes the type of a parameter. */
const namePattern = /^(?:\\u(?:[\da-f]{4}|\{[\da-f]+\})|[$\w\u200c\u200d]|[^\0-\x7f\s])+/iu;
const basicName = /^[$\w\u0080-\u024f]+$/;

function renameKeyword(node: BabelNode, rewriter: SourceRewriter): void {
  const text = namePattern.exec(rewriter.text(node.start, Math.min(node.end, node.start + 1000)))?.[0] ?? '';
  if (contextualKeywords.has(text) || !basicName.test(text)) rewriter.fill(node.start, node.start + text.length);
}

/** Renames `if` in `export { a as if }`. The grammar supports `default` there. */
function renameReserved({ name, start, end }: BabelNode, rewriter: SourceRewriter): void {
  if (name !== 'default') rewriter.fill(start, end);
}

function fillBetweenQuotes({ start, end }: BabelNode, rewriter: SourceRewriter): void {
  rewriter.fill(start + 1, end - 1);
}

function fillWords(start: number, end: number, rewriter: SourceRewriter): void {
  for (const { index, 0: text } of rewriter.text(start, end).matchAll(/\S+/g)) {
    rewriter.fill(start + index, start + index + text.length);
  }
}

function fillNumber({ start, end }: BabelNode, rewriter: SourceRewriter): void {
  if (!/^\d+(?:\.\d*)?$/.test(rewriter.text(start, end))) rewriter.write(start, '1'.repeat(end - start));
}
