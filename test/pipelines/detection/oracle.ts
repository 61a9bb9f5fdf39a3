/** Finds call sites and definitions with TypeScript's own parser, as the reference for detection. */
import { ts } from '@ts-morph/common';

export interface Site {
  readonly key: string;
  /** Last name of the callee, or `?` if it has no name. */
  readonly name: string;
  readonly text: string;
}

export interface Truth {
  readonly calls: ReadonlyMap<string, Site>;
  /** Names of definitions by end offset and name. */
  readonly definitions: ReadonlyMap<string, string>;
}

const kinds = ts.SyntaxKind;

/** Returns undefined if the file has syntax errors. */
export function parseTruth(name: string, source: string): Truth | undefined {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true);
  const { parseDiagnostics } = file as unknown as { parseDiagnostics: readonly unknown[] };
  if (parseDiagnostics.length > 0) return undefined;
  const calls = new Map<string, Site>();
  const definitions = new Map<string, string>();
  const addCall = (form: string, node: ts.Node, callee: ts.Node): void => {
    const key = `${form}:${node.getStart(file)}:${node.end}`;
    calls.set(key, { key, name: nameOf(callee), text: source.slice(node.getStart(file), node.end).slice(0, 100) });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) addCall('call', node, node.expression);
    else if (ts.isNewExpression(node)) addCall('new', node, node.expression);
    else if (ts.isTaggedTemplateExpression(node)) addCall('tag', node, node.tag);
    else if (ts.isDecorator(node) && !ts.isCallExpression(node.expression)) addCall('decorator', node, node.expression);
    const name = definitionName(node, file);
    if (name !== undefined) definitions.set(`${endOf(node, source)}:${name}`, name);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { calls, definitions };
}

/** Returns the end of a node without a trailing semicolon, which detection does not include. */
function endOf(node: ts.Node, source: string): number {
  return source.slice(node.pos, node.end).replace(/\s*;$/, '').length + node.pos;
}

function nameOf(callee: ts.Node): string {
  let node = callee;
  while (ts.isNonNullExpression(node) || ts.isParenthesizedExpression(node) || ts.isExpressionWithTypeArguments(node)) {
    node = node.expression;
  }
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  if (node.kind === kinds.SuperKeyword) return 'super';
  if (node.kind === kinds.ImportKeyword) return 'import';
  return '?';
}

/** Returns the name of a node that detection treats as a definition, or undefined for other nodes. */
function definitionName(node: ts.Node, file: ts.SourceFile): string | undefined {
  if (
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isEnumDeclaration(node)
  ) {
    return node.name?.text;
  }
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  if (ts.isMethodDeclaration(node) || ts.isGetAccessor(node) || ts.isSetAccessor(node)) return keyOf(node.name, file);
  const value = ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node) ? node.initializer : undefined;
  if (!value || !(ts.isArrowFunction(value) || ts.isFunctionExpression(value) || ts.isClassExpression(value))) {
    return undefined;
  }
  const { name } = node as ts.VariableDeclaration | ts.PropertyDeclaration;
  return ts.isIdentifier(name) || ts.isPrivateIdentifier(name) ? name.text : undefined;
}

function keyOf(name: ts.PropertyName, file: ts.SourceFile): string {
  return ts.isStringLiteral(name) ? name.text : name.getText(file);
}
