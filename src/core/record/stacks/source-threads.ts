import type { Hello } from '../../../protocol/batch/batch.ts';
import type { ThreadStacks } from '../../../protocol/stacks.ts';
import type { ThreadSlices } from '../../stacks/time-order.ts';
import type { SourceStacks, TimeRange } from './source-stacks.ts';

/** Maximum length of the name of a thread. */
const maxNameLength = 200;

interface SourceTrees {
  readonly hello?: Hello;
  /** Call stacks; undefined before the first. */
  readonly stacks: SourceStacks | undefined;
  /** Tree of the source's spans; undefined before the first. */
  readonly spans: SourceStacks | undefined;
}

/** Returns the trees of a source as threads: its call stacks and its spans, as far as it has them. */
export function sourceThreads({ hello, stacks, spans }: SourceTrees, range?: TimeRange): readonly ThreadStacks[] {
  if (!hello) return [];
  const id = { process: hello.pid, thread: hello.threadId };
  const name = hello.name.slice(0, maxNameLength);
  const treeOf = (tree: SourceStacks) => ({ nodes: tree.nodes(range), omitted: tree.omitted });
  return [
    ...(stacks
      ? [{ ...id, name, ...treeOf(stacks), ...(range || !stacks.lineSource ? {} : { lines: stacks.lines() }) }]
      : []),
    ...(spans ? [{ ...id, name: `${name} (spans)`, kind: 'spans' as const, ...treeOf(spans) }] : []),
  ];
}

/** Returns the samples by time of the trees that `sourceThreads` returns, in the same order. */
export function sourceSlices({ hello, stacks, spans }: SourceTrees, range?: TimeRange): readonly ThreadSlices[] {
  return hello ? [stacks, spans].flatMap((tree) => (tree ? [tree.slices(range)] : [])) : [];
}
