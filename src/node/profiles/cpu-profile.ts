import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { addableThreads } from '../../core/stacks/thread-kinds.ts';
import type { StackFunction, ThreadStacks } from '../../protocol/stacks.ts';
import { type CallProfile, threadTitle } from './call-profile.ts';
import { LineShares } from './line-shares.ts';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: object;
  readonly hitCount: number;
  readonly children: number[];
  positionTicks?: readonly { readonly line: number; readonly ticks: number }[];
}

/** A frame that is no function of the program. */
function pseudoFrame(functionName: string): object {
  return { functionName, scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 };
}

/**
 * Writes a CPU profile as V8 does, for VS Code and browsers: `Profiler.Profile` of the Chrome DevTools protocol. It has one
 * sample for each call path, with its whole time, and samples by line where lines are known. Several threads are functions below the root.
 */
export function writeCpuProfile(profile: CallProfile): string {
  const { stacks, workspace } = profile;
  const root: ProfileNode = { id: 1, callFrame: pseudoFrame('(root)'), hitCount: 0, children: [] };
  const nodes: ProfileNode[] = [root];
  const samples: number[] = [];
  const timeDeltas: number[] = [];
  const add = (parent: ProfileNode, callFrame: object, hitCount: number): ProfileNode => {
    const node: ProfileNode = { id: nodes.length + 1, callFrame, hitCount, children: [] };
    nodes.push(node);
    parent.children.push(node.id);
    return node;
  };
  const threads = addableThreads(stacks.threads);
  const addThread = (thread: ThreadStacks): void => {
    const top = threads.length > 1 ? add(root, pseudoFrame(threadTitle(thread)), 0) : root;
    const added: ProfileNode[] = [];
    const shares = new LineShares(thread);
    for (const [parent, index, count, cpuNs] of thread.nodes) {
      const frame = frameOf(stacks.functions[index] ?? { name: '?', component: '' }, workspace);
      const node = add(parent < 0 ? top : (added[parent] as ProfileNode), frame, count);
      added.push(node);
      const positionTicks = shares
        .split(index, count)
        .flatMap(({ line, amount: ticks }) => (line > 0 ? [{ line, ticks }] : []));
      if (positionTicks.length > 0) node.positionTicks = positionTicks;
      if (cpuNs <= 0) continue;
      samples.push(node.id);
      timeDeltas.push(cpuNs / 1000);
    }
  };
  threads.forEach(addThread);
  // Times count from the start of the run: epoch microseconds have no room for nanoseconds.
  const endTime = timeDeltas.reduce((sum, delta) => sum + delta, 0);
  // Readers give the time after a sample to it: the first difference is the distance of the first sample to the start.
  const deltas = samples.length > 0 ? [0, ...timeDeltas] : [];
  return JSON.stringify({
    nodes,
    startTime: 0,
    endTime,
    samples: samples.length > 0 ? [...samples, root.id] : [],
    timeDeltas: deltas,
  });
}

/** Lines and columns of V8 count from 0. */
function frameOf({ name, file, line = 0, column = 0 }: StackFunction, workspace: string): object {
  const url = file === undefined ? '' : pathToFileURL(resolve(workspace, file)).href;
  return { functionName: name, scriptId: '0', url, lineNumber: line - 1, columnNumber: column - 1 };
}
