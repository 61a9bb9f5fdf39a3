import type { SourceEdit } from './source-edits.ts';
import { type Ancestor, childrenOf, isFunction, type SyntaxNode, statementsOf } from './syntax-tree.ts';

/** Changes that let the declarations of a function body be in a block together. */
interface Resolution {
  /** Variables of the changed declarations that have to be declared in front of the block. */
  readonly hoistedNames: readonly string[];
  /** Insertions before and after the code of the declarations. */
  readonly openings: readonly SourceEdit[];
  readonly closings: readonly SourceEdit[];
}

interface VariableDeclaration {
  readonly node: SyntaxNode;
  readonly parent: SyntaxNode;
  readonly names: readonly string[];
}

/**
 * Resolves the conflicts that arise because a function body is put into a block, where functions are declared like `let`:
 * a repeated function becomes an expression, and `var` of a name that a function has becomes an assignment. Returns
 * undefined if that is not possible without changing the behavior.
 */
export function resolveConflicts(body: SyntaxNode): Resolution | undefined {
  const functions = new Map<string, SyntaxNode[]>();
  for (const statement of statementsOf(body) ?? []) {
    if (statement.type !== 'FunctionDeclaration') continue;
    const name = String((statement['id'] as SyntaxNode)['name']);
    functions.set(name, [...(functions.get(name) ?? []), statement]);
  }
  const resolution = { hoistedNames: [] as string[], openings: [] as SourceEdit[], closings: [] as SourceEdit[] };
  if (functions.size === 0) return resolution;
  const variables: VariableDeclaration[] = [];
  if (!collectVariables(body, { node: body, up: undefined }, functions, variables)) return undefined;
  for (const { start, end } of [...functions.values()].flatMap((repeated) => repeated.slice(0, -1))) {
    resolution.openings.push({ offset: start, text: ';void ' });
    resolution.closings.push({ offset: end, text: ';' });
  }
  for (const { node, parent, names } of variables) {
    resolution.hoistedNames.push(...names.filter((name) => !functions.has(name)));
    const [start, end] = assignmentBrackets(node, parent);
    const afterKeyword = node.start + 'var'.length;
    resolution.openings.push({ offset: node.start, text: '/*' }, { offset: afterKeyword, text: `*/${start}` });
    if (end)
      resolution.closings.push({ offset: (node['declarations'] as SyntaxNode[]).at(-1)?.end ?? node.end, text: end });
  }
  return resolution;
}

/** Collects declarations with `var` of a name that a function has. Returns false if a conflict cannot be resolved. */
function collectVariables(
  node: SyntaxNode,
  { up }: Ancestor,
  functions: ReadonlyMap<string, unknown>,
  variables: VariableDeclaration[],
): boolean {
  for (const child of childrenOf(node)) {
    // In sloppy mode, a function in an inner block also assigns the variable of its name around the block.
    if (child.type === 'FunctionDeclaration' && up && functions.has(String((child['id'] as SyntaxNode)['name'])))
      return false;
    if (isFunction(child) || child.type === 'StaticBlock') continue;
    // The code that it runs can declare variables too.
    if (child.type === 'CallExpression' && (child['callee'] as SyntaxNode)['name'] === 'eval') return false;
    if (child.type === 'VariableDeclaration' && child['kind'] === 'var') {
      const names = (child['declarations'] as SyntaxNode[]).flatMap(({ id }) => boundNames(id as SyntaxNode));
      if (names.some((name) => functions.has(name))) variables.push({ node: child, parent: node, names });
    }
    if (!collectVariables(child, { node: child, up: { node, up } }, functions, variables)) return false;
  }
  return true;
}

function boundNames(pattern: SyntaxNode): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [String(pattern['name'])];
    case 'ObjectPattern':
      return (pattern['properties'] as SyntaxNode[]).flatMap((property) =>
        boundNames((property['value'] ?? property['argument']) as SyntaxNode),
      );
    case 'ArrayPattern':
      return (pattern['elements'] as (SyntaxNode | null)[]).flatMap((element) => (element ? boundNames(element) : []));
    case 'AssignmentPattern':
      return boundNames(pattern['left'] as SyntaxNode);
    case 'RestElement':
      return boundNames(pattern['argument'] as SyntaxNode);
    default:
      return [];
  }
}

/** Returns the brackets that turn `var {a} = b, c = 1;` without `var` into an expression instead of a block. */
function assignmentBrackets(node: SyntaxNode, parent: SyntaxNode): readonly [start: string, end: string] {
  const [first] = node['declarations'] as [SyntaxNode];
  const isStatement = !/^For/.test(parent.type) || parent['body'] === node;
  if (!isStatement || (first['id'] as SyntaxNode).type === 'Identifier') return ['', ''];
  return statementsOf(parent) ? [';(', ')'] : ['(', ')'];
}
