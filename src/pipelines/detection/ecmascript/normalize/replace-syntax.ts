/** Replaces syntax that the grammars of tree-sitter do not support. */

import { type BabelNode, nodeIn, nodesIn } from './babel-node.ts';
import { replaceToken } from './replace-token.ts';
import type { SourceRewriter } from './source-rewriter.ts';

type Rule = (node: BabelNode, rewriter: SourceRewriter, parent: BabelNode) => void;

/** Rules by type of node. To support more syntax, add a row and a sample in the tests. */
const rules: Readonly<Record<string, Rule>> = {
  CallExpression: blankTypeArguments,
  OptionalCallExpression: blankTypeArguments,
  NewExpression: blankTypeArguments,
  TaggedTemplateExpression: blankTypeArguments,
  TSInstantiationExpression: (node, rewriter, parent) => {
    const typeArguments = nodeIn(node, 'typeArguments');
    // A decorator without a call ends with its type arguments.
    if (parent.type !== 'Decorator') blankTypeArguments({ ...node, end: node.end + 1 }, rewriter);
    else if (typeArguments) rewriter.fill(typeArguments.start, typeArguments.end);
  },
  JSXOpeningElement: blankTypeArguments,
  ClassMethod: blankModifiers,
  ClassPrivateMethod: blankModifiers,
  ClassProperty: blankModifiers,
  ClassPrivateProperty: blankModifiers,
  ClassAccessorProperty: blankModifiers,
  TSDeclareMethod: blankModifiers,
  TSAbstractMethodDefinition: blankModifiers,
  TSIndexSignature: blankModifiers,
  TSParameterProperty: blankModifiers,
  TSTypeParameter: blankModifiers,
  ClassDeclaration: (node, rewriter, parent) => {
    if (parent.type !== 'ExportDefaultDeclaration') return;
    rewriter.blankMatches(afterDecorators(node), nodeIn(node, 'body')?.start ?? node.end, /^\s*abstract\b/g);
  },
  ImportDeclaration: (node, rewriter) => {
    // `import defer * as a`, `import source a`
    const [first] = nodesIn(node, 'specifiers');
    if (node.phase && first) rewriter.blank(node.start + 'import'.length, first.start);
    blankAttributes(node, rewriter);
  },
  ExportNamedDeclaration: (node, rewriter) => {
    const declaration = nodeIn(node, 'declaration');
    // `export import a = require('m')`
    if (declaration && nodeIn(declaration, 'moduleReference')?.type === 'TSExternalModuleReference') {
      rewriter.blank(node.start, declaration.start);
    }
    if (nodesIn(node, 'specifiers')[0]?.type === 'ExportNamespaceSpecifier') blankExportedType(node, rewriter);
    blankAttributes(node, rewriter);
  },
  ExportAllDeclaration: (node, rewriter) => {
    blankExportedType(node, rewriter);
    blankAttributes(node, rewriter);
  },
  ExportDefaultDeclaration: (node, rewriter) => {
    const declaration = nodeIn(node, 'declaration');
    const keywords = 'export default ';
    if (!declaration || declaration.start - node.start <= keywords.length) return;
    // The words may be on different lines.
    rewriter.blank(node.start, declaration.start);
    rewriter.write(declaration.start - keywords.length, keywords);
  },
  TSImportEqualsDeclaration: (node, rewriter) => {
    const name = nodeIn(node, 'id');
    if (node.importKind === 'type' && name) rewriter.blankMatches(node.start, name.start, /\btype\b/g);
  },
  ImportExpression: (node, rewriter) => {
    // `import.defer(…)` becomes the call of a function.
    const open = rewriter.find('(', node.start, node.end);
    if (node.phase) rewriter.fill(node.start, node.start + rewriter.text(node.start, open).trimEnd().length);
  },
  BinaryExpression: (node, rewriter) => {
    const left = nodeIn(node, 'left');
    const right = nodeIn(node, 'right');
    // The grammar may read `<` and `>` as the brackets of type arguments. Other operators have the same operands.
    const { operator = '' } = node;
    if (left && right && /[<>]/.test(operator)) {
      rewriter.write(rewriter.find(operator, left.end, right.start), '%'.padEnd(operator.length));
    }
  },
  TSImportType: replaceImportType,
  TSModuleDeclaration: (node, rewriter) => {
    // `global { … }` in a module declaration becomes a block.
    const name = nodeIn(node, 'id');
    if (node.kind === 'global' && node.declare !== true && name) rewriter.erase(name.start, name.end);
  },
  TSDeclareFunction: (node, rewriter, parent) => {
    // `export default function (): void;` declares nothing by name.
    if (!nodeIn(node, 'id') && parent.type === 'ExportDefaultDeclaration') rewriter.erase(parent.start, parent.end);
  },
  VariableDeclaration: (node, rewriter, parent) => {
    const { kind } = node;
    if (!/^For/.test(parent.type)) endStatement(node, rewriter);
    if (kind !== 'using' && kind !== 'await using') return;
    const keyword = rewriter.find('using', node.start, node.end);
    rewriter.blank(node.start, keyword);
    rewriter.write(keyword, 'const');
  },
  AssignmentPattern: blankParentheses,
  ArrayPattern: blankParentheses,
  RestElement: blankParentheses,
  Decorator: replaceDecorator,
  ExpressionStatement: endStatement,
  ReturnStatement: endStatement,
  ThrowStatement: endStatement,
  TSTypeAliasDeclaration: endStatement,
};

export function replaceSyntax(node: BabelNode, parent: BabelNode, rewriter: SourceRewriter): void {
  rules[node.type]?.(node, rewriter, parent);
  replaceToken(node, parent, rewriter);
}

function blankTypeArguments(node: BabelNode, rewriter: SourceRewriter): void {
  const typeArguments = nodeIn(node, 'typeArguments');
  // `new A<B>` ends with its type arguments.
  if (typeArguments && typeArguments.end < node.end) rewriter.erase(typeArguments.start, typeArguments.end);
}

const modifiers = /\b(?:abstract|accessor|const|declare|in|out|override|private|protected|public|readonly)\b/g;

/** Blanks the modifiers before the name of a class member, parameter or type parameter, except `static`. */
function blankModifiers(node: BabelNode, rewriter: SourceRewriter): void {
  if (/^Class.*Property$/.test(node.type)) endStatement(node, rewriter);
  const start = afterDecorators(node);
  const name =
    nodeIn(node, 'key') ?? nodeIn(node, 'parameter') ?? nodeIn(node, 'name') ?? nodesIn(node, 'parameters').at(0);
  if (!name || name.start <= start) return;
  const first = rewriter.blankMatches(start, name.start, modifiers);
  // Without a modifier, a member such as `[key] = 1` would continue the member before it.
  if (first === node.start && node.type.startsWith('Class')) rewriter.write(first, ';');
}

/** Writes the semicolon of a statement that ends with a line. */
function endStatement({ end }: BabelNode, rewriter: SourceRewriter): void {
  const { source } = rewriter;
  if (source[end - 1] !== ';' && /\s/.test(source[end] ?? '')) rewriter.write(end, ';');
}

/** Returns the offset of the first code of a node after its decorators. */
function afterDecorators(node: BabelNode): number {
  return Math.max(node.start, ...nodesIn(node, 'decorators').map(({ end }) => end));
}

/** Blanks `type` in `export type * from 'm'`. */
function blankExportedType(node: BabelNode, rewriter: SourceRewriter): void {
  rewriter.blank(node.start + 'export'.length, rewriter.find('*', node.start, node.end));
}

/** Blanks the parentheses of `(a)` in a pattern such as `[(a) = 1] = b`. */
function blankParentheses(node: BabelNode, rewriter: SourceRewriter): void {
  for (const field of ['left', 'argument', 'elements']) {
    const targets = [nodeIn(node, field) ?? [], nodesIn(node, field)].flat();
    for (const { start, end, extra } of targets) {
      const parenStart = extra?.parenStart;
      if (parenStart === undefined) continue;
      rewriter.blank(parenStart, start);
      rewriter.blank(end, rewriter.find(')', end, node.end) + 1);
    }
  }
}

/** Blanks `with { … }` or `assert { … }` after the module of an import or export. */
function blankAttributes(node: BabelNode, rewriter: SourceRewriter): void {
  const source = nodeIn(node, 'source');
  if (!source) return;
  const tail = rewriter.text(source.end, node.end).replace(/;?\s*$/, '');
  rewriter.erase(source.end, source.end + tail.length);
}

/** Replaces `import('x')` in a type by a name. */
function replaceImportType(node: BabelNode, rewriter: SourceRewriter): void {
  const source = nodeIn(node, 'source') ?? nodeIn(node, 'argument');
  if (!source) return;
  const module = source.type === 'StringLiteral' ? source : nodeIn(source, 'literal');
  if (typeof module?.value === 'string') rewriter.addTypeImport({ from: module.value, start: node.start });
  const last = nodeIn(node, 'options') ?? source;
  rewriter.fill(node.start, rewriter.find(')', last.end, node.end) + 1);
}

/** Forms of decorators that the grammar supports, without their arguments. */
const plainDecorator = /^@\s*[\w$]+(?:\.[\w$]+)*$/;

function replaceDecorator(node: BabelNode, rewriter: SourceRewriter): void {
  const expression = nodeIn(node, 'expression');
  if (!expression) return;
  const isParenthesized = expression.extra?.parenthesized === true;
  const isCall = !isParenthesized && /^(?:Optional)?CallExpression$/.test(expression.type);
  const applied = (isCall && nodeIn(expression, 'callee')) || expression;
  const name = applied.type === 'TSInstantiationExpression' ? nodeIn(applied, 'expression') : applied;
  if (name && !isParenthesized && plainDecorator.test(rewriter.text(node.start, name.end))) return;
  // The decorator of a call is not a call itself, so only its expression remains.
  rewriter.detach({ start: node.start, end: node.end, isRemoved: isCall });
}
