import { fileURLToPath } from 'node:url';
import { StacksBuilder } from '../../../core/stacks/stacks-builder.ts';
import { splitAmount } from '../../../protocol/batch/stacks/split-amount.ts';
import { defined } from '../../../protocol/defined.ts';
import { type Infer, list, number, object, optional, text } from '../../../protocol/schema.ts';
import type { StackFunction, Stacks } from '../../../protocol/stacks.ts';
import { componentOf } from './component-of.ts';

const maxEntries = 10_000_000;

const callFrame = object({ functionName: text, url: text, lineNumber: number, columnNumber: number });
export const isCpuProfile = object({
  nodes: list(
    object({
      id: number,
      callFrame,
      hitCount: optional(number),
      children: optional(list(number, maxEntries)),
      positionTicks: optional(list(object({ line: number, ticks: number }), maxEntries)),
    }),
    maxEntries,
  ),
  startTime: number,
  endTime: number,
  samples: optional(list(number, maxEntries)),
  timeDeltas: optional(list(number, maxEntries)),
});
/** `Profiler.Profile` of the Chrome DevTools protocol. Times are microseconds. */
type CpuProfile = Infer<typeof isCpuProfile>;

/** Names of nodes in which no function ran. Their time is not CPU time of the program. */
const idleNames: ReadonlySet<string> = new Set(['(root)', '(idle)', '(program)']);

/** Returns the stacks of a CPU profile of V8. Without time differences, each sample has the same share of the time. */
export function readCpuProfile(profile: CpuProfile, title: string): Stacks {
  const { nodes, samples = [], timeDeltas = [], startTime, endTime } = profile;
  const builder = new StacksBuilder();
  const tree = builder.addThread(title);
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const pathOf = (id: number): number[] => {
    const path: number[] = [];
    // A damaged file may have a node that is its own ancestor.
    for (let at: number | undefined = id; at !== undefined && path.length <= nodes.length; at = parents.get(at)) {
      const frame = byId.get(at)?.callFrame;
      if (frame && !idleNames.has(frame.functionName)) path.push(builder.indexOf(functionOf(frame)));
    }
    return path.reverse();
  };
  const sums = new Map<number, { samples: number; cpuNs: number }>();
  const evenUs = samples.length > 0 ? (endTime - startTime) / samples.length : 0;
  const lastUs = endTime - timeDeltas.reduce((sum, delta) => sum + delta, startTime);
  for (const [index, id] of samples.entries()) {
    const nextUs = index + 1 < samples.length ? (timeDeltas[index + 1] ?? 0) : lastUs;
    const durationUs = timeDeltas.length > 0 ? Math.max(0, nextUs) : evenUs;
    const sum = sums.get(id) ?? { samples: 0, cpuNs: 0 };
    sums.set(id, { samples: sum.samples + 1, cpuNs: sum.cpuNs + durationUs * 1000 });
  }
  for (const [id, { samples: count, cpuNs }] of sums) {
    const path = pathOf(id);
    const isIdle = idleNames.has(byId.get(id)?.callFrame.functionName ?? '(idle)');
    // Our own files have one sample for each call path, and the number of samples beside it.
    const sampleCount = Math.max(count, byId.get(id)?.hitCount ?? 0);
    if (isIdle || path.length === 0) continue;
    tree.addStack(path, sampleCount, Math.round(cpuNs));
    addLines(path.at(-1) as number, byId.get(id), Math.round(cpuNs));
  }
  return builder.build();

  function addLines(index: number, node: (typeof nodes)[number] | undefined, cpuNs: number): void {
    const { callFrame, positionTicks = [], hitCount = 0 } = node ?? {};
    const ticks = positionTicks.map((tick) => tick.ticks);
    // Our own files leave out the samples at unknown lines.
    const unknown = Math.max(0, hitCount - ticks.reduce((sum, count) => sum + count, 0));
    const parts = splitAmount(cpuNs, [...ticks, unknown]);
    for (const [at, { line, ticks: count }] of positionTicks.entries()) {
      // Lines in front of a function belong to one that V8 has inlined.
      if (callFrame && line > callFrame.lineNumber && line > 0)
        builder.addLine(tree, [index, line, count, parts[at] as number, parts[at] as number]);
    }
  }
}

function functionOf({
  functionName,
  url,
  lineNumber,
  columnNumber,
}: CpuProfile['nodes'][number]['callFrame']): StackFunction {
  const file = fileOf(url);
  return {
    name: functionName === '' ? '(anonymous)' : functionName,
    ...defined({
      file,
      line: lineNumber >= 0 ? lineNumber + 1 : undefined,
      column: columnNumber >= 0 ? columnNumber + 1 : undefined,
    }),
    component: componentOf(file),
  };
}

function fileOf(url: string): string | undefined {
  if (url === '') return undefined;
  try {
    return url.startsWith('file:') ? fileURLToPath(url) : url;
  } catch {
    return url;
  }
}
