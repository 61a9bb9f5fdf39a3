import { LineSums } from '../../protocol/batch/stacks/line-sums.ts';
import type { LineTimes } from '../../protocol/panel/stack-view.ts';
import type { LineSource, Stacks, ThreadStacks } from '../../protocol/stacks.ts';
import { addableThreads } from './thread-kinds.ts';

/** Cost of the lines of a file. */
export interface FileLines {
  readonly lines: readonly LineTimes[];
  /** CPU time of all stacks of the run. */
  readonly totalNs: number;
  readonly source: LineSource;
}

/** Returns the cost of the lines of a file with its origin; undefined if no line of the file is known. */
export function linesOfFile(stacks: Stacks, file: string): FileLines | undefined {
  const lines = stacks.lineSource ? fileLines(stacks, file) : [];
  if (!stacks.lineSource || lines.length === 0) return undefined;
  const nodes = addableThreads(stacks.threads).flatMap((thread) => thread.nodes);
  return { lines, totalNs: nodes.reduce((sum, [, , , cpuNs]) => sum + cpuNs, 0), source: stacks.lineSource };
}

/**
 * Returns the cost of the lines of a file in all threads, in the order of the lines. A line of several functions counts for
 * all of them; in their total time, what one of them calls in the same line counts twice.
 *
 * @param file named as in the functions of the stacks
 */
export function fileLines({ functions, threads }: Stacks, file: string): readonly LineTimes[] {
  return linesIn(threads, (index) => functions[index]?.file === file);
}

/** Returns the cost of the lines of a function in these threads, in the order of the lines. */
export function functionLines(threads: readonly ThreadStacks[], functionIndex: number): readonly LineTimes[] {
  return linesIn(threads, (index) => index === functionIndex);
}

function linesIn(
  threads: readonly ThreadStacks[],
  isIncluded: (functionIndex: number) => boolean,
): readonly LineTimes[] {
  const sums = new LineSums(Number.POSITIVE_INFINITY);
  for (const { lines = [] } of threads)
    for (const [index, ...line] of lines) if (isIncluded(index)) sums.add(0, ...line);
  return sums
    .toDeltas()
    .map(([, line, samples, selfNs, totalNs]) => ({ line, samples, selfNs, totalNs }))
    .sort((left, right) => left.line - right.line);
}
