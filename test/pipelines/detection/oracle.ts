/** What TypeScript's own parser says about call sites and definitions: the truth that detection is held to. */
import { ts } from '@ts-morph/common';

export interface Site {
  readonly key: string;
  /** Last name of the callee, or `?` where it has none. */
  readonly name: string;
  readonly text: string;
}

export interface Truth {
  readonly calls: ReadonlyMap<string, Site>;
  /** Key: end and name. */
  readonly definitions: ReadonlyMap<string, string>;
}

const kinds = ts.SyntaxKind;

/** Nothing where the compiler does not accept the file. */
export function truthOf(name: string, source: string): Truth | undefined {
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

/** A semicolon after a member is no part of it for us. */
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

/** Name of what is a definition for us: functions, classes and the like, and values that are functions or classes. */
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
