/** Determines with TypeScript's own checker which declaration each call of a project refers to. */
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { getLibFiles, ts } from '@ts-morph/common';

/**
 * Place of the name of a declaration. A value of an object or a parameter can be reached by several names, so that a call
 * may have several.
 */
export interface DeclarationPlace {
  readonly file: string;
  readonly position: number;
  readonly name: string;
}

export interface CheckedCall {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** `value`: a parameter or a property of a function type, whose function is not known to the checker either. */
  readonly kind: 'internal' | 'external' | 'value' | 'unknown';
  readonly places: readonly DeclarationPlace[];
}

const kinds = ts.SyntaxKind;
const libFolder = '/lib-of-typescript';

/**
 * Returns the calls and constructions in the files.
 * @param folder absolute path of the project; a `tsconfig.json` in it is applied
 * @param files paths relative to the folder
 */
export function checkCalls(folder: string, files: readonly string[]): CheckedCall[] {
  const paths = new Set(files.map((file) => join(folder, file)));
  const program = createProgram(folder, [...paths]);
  const checker = program.getTypeChecker();
  const context: Context = { folder, checker, files: new Set(files) };
  return [...paths].flatMap((path) => {
    const source = program.getSourceFile(path);
    return source ? checkFile(context, source) : [];
  });
}

interface Context {
  readonly folder: string;
  readonly checker: ts.TypeChecker;
  readonly files: ReadonlySet<string>;
}

function createProgram(folder: string, paths: readonly string[]): ts.Program {
  const config = join(folder, 'tsconfig.json');
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(config, ts.sys.readFile).config ?? {},
    ts.sys,
    folder,
    undefined,
    config,
  );
  const fixed: ts.CompilerOptions = {
    ...options,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    customConditions: ['node'],
    strict: true,
    allowJs: true,
    noEmit: true,
    composite: false,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    lib: ['lib.esnext.full.d.ts'],
    types: [],
  };
  const libs = new Map(getLibFiles().map(({ fileName, text }) => [fileName, text]));
  const host = ts.createCompilerHost(fixed);
  const { fileExists, readFile } = host;
  const libText = (path: string): string | undefined =>
    dirname(path) === libFolder ? libs.get(path.slice(libFolder.length + 1)) : undefined;
  host.getDefaultLibLocation = () => libFolder;
  host.getDefaultLibFileName = () => `${libFolder}/lib.esnext.full.d.ts`;
  host.fileExists = (path) => libText(path) !== undefined || fileExists(path);
  host.readFile = (path) => libText(path) ?? readFile(path);
  host.getSourceFile = (path, language) => {
    const text = libText(path) ?? (ts.sys.fileExists(path) ? readFileSync(path, 'utf8') : undefined);
    return text === undefined ? undefined : ts.createSourceFile(path, text, language, true);
  };
  return ts.createProgram(paths, fixed, host);
}

function checkFile(context: Context, source: ts.SourceFile): CheckedCall[] {
  const calls: CheckedCall[] = [];
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit);
    if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return;
    calls.push({
      file: relative(context.folder, source.fileName),
      start: node.getStart(source),
      end: node.end,
      text: node.expression.getText(source).slice(0, 60),
      ...judge(context, node),
    });
  };
  visit(source);
  return calls;
}

function judge(
  { folder, checker, files }: Context,
  node: ts.CallExpression | ts.NewExpression,
): Pick<CheckedCall, 'kind' | 'places'> {
  const symbol = unalias(checker, calleeSymbol(checker, node.expression));
  const signature = checker.getResolvedSignature(node)?.declaration;
  const constructed = ts.isNewExpression(node) ? checker.getTypeAtLocation(node).symbol : undefined;
  const named = symbol?.declarations?.find((part) => ts.isFunctionLike(part) || ts.isClassDeclaration(part));
  const declaration =
    signature && !ts.isJSDocSignature(signature) ? signature : (named ?? constructed?.declarations?.[0]);
  const symbols = [symbol, constructed, declaration && (declaration as unknown as { symbol?: ts.Symbol }).symbol];
  const declarations = symbols.flatMap((part) => part?.declarations ?? []);
  const places = [...(declaration ? [declaration] : []), ...declarations.flatMap((part) => valuesOf(checker, part))]
    .map((part) => placeOf(folder, part))
    .filter(({ file }) => files.has(file));
  if (!declaration) return { kind: 'unknown', places };
  const owner = ownerOf(declaration);
  if (!files.has(relative(folder, owner.getSourceFile().fileName))) return { kind: 'external', places };
  return { kind: isDefinition(owner) ? 'internal' : 'value', places };
}

function calleeSymbol(checker: ts.TypeChecker, callee: ts.Expression): ts.Symbol | undefined {
  let node: ts.Node = callee;
  while (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node) || ts.isAsExpression(node)) {
    node = node.expression;
  }
  return checker.getSymbolAtLocation(ts.isPropertyAccessExpression(node) ? node.name : node);
}

function unalias(checker: ts.TypeChecker, symbol: ts.Symbol | undefined): ts.Symbol | undefined {
  return symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** Returns a declaration, and the declarations of the name that initializes it. */
function valuesOf(checker: ts.TypeChecker, declaration: ts.Declaration): ts.Declaration[] {
  if (ts.isShorthandPropertyAssignment(declaration)) {
    const value = unalias(checker, checker.getShorthandAssignmentValueSymbol(declaration));
    return [declaration, ...(value?.declarations ?? [])];
  }
  const initial =
    ts.isVariableDeclaration(declaration) || ts.isPropertyAssignment(declaration) ? declaration.initializer : undefined;
  if (!initial || !(ts.isIdentifier(initial) || ts.isPropertyAccessExpression(initial))) return [declaration];
  return [declaration, ...(unalias(checker, calleeSymbol(checker, initial))?.declarations ?? [])];
}

/** Returns the node that names a function: the class of a constructor, or the variable that a function is assigned to. */
function ownerOf(declaration: ts.Node): ts.Node {
  if (ts.isConstructorDeclaration(declaration) || ts.isConstructSignatureDeclaration(declaration))
    return declaration.parent;
  const node = ts.isCallSignatureDeclaration(declaration) ? declaration.parent : declaration;
  const isUnnamed =
    ts.isArrowFunction(node) ||
    ts.isFunctionExpression(node) ||
    ts.isClassExpression(node) ||
    ts.isFunctionTypeNode(node) ||
    ts.isTypeLiteralNode(node);
  if (!isUnnamed) return node;
  let parent = node.parent;
  while (
    ts.isParenthesizedExpression(parent) ||
    ts.isAsExpression(parent) ||
    ts.isSatisfiesExpression(parent) ||
    ts.isParenthesizedTypeNode(parent)
  ) {
    parent = parent.parent;
  }
  const isNaming =
    ts.isVariableDeclaration(parent) ||
    ts.isPropertyAssignment(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isTypeAliasDeclaration(parent) ||
    ts.isParameter(parent) ||
    ts.isBinaryExpression(parent);
  return isNaming ? parent : node;
}

function placeOf(folder: string, declaration: ts.Node): DeclarationPlace {
  const node = ownerOf(declaration);
  const name = ts.isBinaryExpression(node)
    ? ts.isPropertyAccessExpression(node.left)
      ? node.left.name
      : node.left
    : (node as { name?: ts.Node }).name;
  const text = name ? name.getText().replace(/^['"[]+|['"\]]+$/g, '') : '';
  return {
    file: relative(folder, node.getSourceFile().fileName),
    position: (name ?? node).getStart(),
    name: text === '' ? 'default' : text,
  };
}

/** Returns whether a declaration has a body or describes a method, so that a call can be attributed to it. */
function isDefinition(node: ts.Node): boolean {
  if (ts.isParameter(node) || ts.isPropertySignature(node) || ts.isTypeAliasDeclaration(node)) return false;
  const type =
    ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node) || ts.isPropertyAssignment(node)
      ? node.initializer
      : node;
  if (!type) return false;
  return ![kinds.FunctionType, kinds.TypeLiteral, kinds.MappedType].includes(type.kind);
}
