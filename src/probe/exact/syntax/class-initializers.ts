import { syncDelimiters } from './delimiters.ts';
import type { FoundFunction, RegisterFunction } from './found-function.ts';
import { nameOfClass } from './function-name.ts';
import type { SourceEdits } from './source-edits.ts';
import { type Ancestor, isAnonymous, isSyntaxNode, type SyntaxNode } from './syntax-tree.ts';

interface ClassContext {
  readonly ancestors: Ancestor | undefined;
  readonly edits: SourceEdits;
  readonly register: RegisterFunction;
}

type PositionOf = (offset: number) => { readonly line: number; readonly column: number };

/**
 * Instruments code of a class that has no function in the text, but that the inspector reports under the name of the class:
 * static fields and blocks, instance fields, and the constructor that is not written. Returns a function that adds the
 * insertions after the code of the class.
 */
export function instrumentClass(node: SyntaxNode, context: ClassContext, positionOf: PositionOf): () => void {
  const body = node['body'] as SyntaxNode;
  const members = body['body'] as SyntaxNode[];
  const className = nameOfClass(node, context.ancestors);
  const register = (offset: number, inspectorNames: readonly string[]): number | undefined => {
    const names = { name: className, inspectorName: className, otherNames: inspectorNames };
    return context.register({ ...names, ...positionOf(offset), kind: 'initializer' } satisfies FoundFunction);
  };
  const isField = (member: SyntaxNode): boolean => member.type === 'PropertyDefinition';
  const statics = members.filter((member) => member.type === 'StaticBlock' || (isField(member) && member['static']));
  const fields = members.filter((member) => isField(member) && !member['static']);
  const closings: (() => void)[] = [];
  if (statics[0]) {
    const row = register(statics[0].start, ['<static_initializer>']);
    if (row !== undefined) closings.push(timeStatics(row, statics, context.edits));
  }
  if (!fields[0]) return () => runAll(closings);
  const hasConstructor = members.some(({ kind }) => kind === 'constructor');
  const isOnOneLine = positionOf(node.start).line === positionOf(fields[0].start).line;
  const constructorRow = hasConstructor || isOnOneLine ? undefined : register(node.start, ['constructor']);
  if (constructorRow !== undefined) addConstructor(constructorRow, node, body, context.edits);
  const values = fields.flatMap(({ value }) => (isSyntaxNode(value) && !isAnonymous(value) ? [value] : []));
  const row = values.length > 0 ? register(fields[0].start, ['<instance_members_initializer>']) : undefined;
  if (row !== undefined) closings.push(timeFields(row, values, context.edits));
  return () => runAll(closings);
}

function runAll(actions: readonly (() => void)[]): void {
  for (const action of actions) action();
}

function timeStatics(row: number, statics: readonly SyntaxNode[], edits: SourceEdits): () => void {
  edits.add(statics[0]?.start ?? 0, `;static{$PS.t(${row})}`);
  return () => edits.add(statics.at(-1)?.end ?? 0, `;static{$PS.u(${row})}`);
}

/** Times from the first to the last field whose value is not just a function. */
function timeFields(row: number, values: readonly SyntaxNode[], edits: SourceEdits): () => void {
  const [first, last] = [values[0] as SyntaxNode, values.at(-1) as SyntaxNode];
  if (first !== last) edits.add(first.start, `($PS.t(${row}),(`);
  edits.add(last.start, `$PS.u(${row},(${first === last ? `$PS.t(${row}),(` : ''}`);
  return () => {
    if (first !== last) edits.add(first.end, '))');
    edits.add(last.end, first === last ? ')))' : '))');
  };
}

function addConstructor(row: number, node: SyntaxNode, body: SyntaxNode, edits: SourceEdits): void {
  const [open, close] = syncDelimiters(row);
  const [parameters, call] = node['superClass'] ? ['...$psR', 'super(...$psR);'] : ['', ''];
  edits.add(body.start + 1, `constructor(${parameters}){${open}${call}$psV=0${close}}`);
}
