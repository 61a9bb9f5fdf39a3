import type { RegisterFunction } from './found-function.ts';
import type { SourceEdits } from './source-edits.ts';
import { childrenOf, isFunction, type SyntaxNode } from './syntax-tree.ts';

interface ProgramContext {
  readonly edits: SourceEdits;
  readonly register: RegisterFunction;
}

/** Instruments the top level of a module: from its first statement to its last one. */
export function instrumentTopLevel(program: SyntaxNode, { edits, register }: ProgramContext): (() => void) | undefined {
  const statements = program['body'] as SyntaxNode[];
  const [first, last] = [statements.find(({ directive }) => directive === undefined), statements.at(-1)];
  if (!first || !last) return undefined;
  const names = { name: '', inspectorName: '', otherNames: [] };
  const row = register({ ...names, line: 0, column: 0, kind: 'top level' });
  if (row === undefined) return undefined;
  edits.add(first.start, hasAwait(program) ? `;$PS.t(${row},1);` : `;$PS.t(${row});`);
  return () => edits.add(last.end, `;$PS.u(${row});`);
}

/** Detects `await` and `for await` outside of functions: other code runs while the module waits. */
function hasAwait(node: SyntaxNode): boolean {
  if (isFunction(node)) return false;
  return node.type === 'AwaitExpression' || node['await'] === true || childrenOf(node).some(hasAwait);
}
