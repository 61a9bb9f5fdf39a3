import { maxBatchEntries } from '../../protocol/batch/limits.ts';
import { LineSums } from '../../protocol/batch/stacks/line-sums.ts';
import type { StackNodeDelta, StackSampleDelta } from '../../protocol/batch/stacks/stack-delta.ts';
import type { StackDeltas } from '../../protocol/batch/stacks/stack-sums.ts';

/** Maximum number of nodes of the tree of one thread. */
const maxNodes = 20_000;
/** Room for nodes directly below the root, so that no sample is without a place. */
const maxCallPaths = maxNodes - 1000;

/** Maximum number of lines of one thread, which is what a receiver keeps of a source. */
const maxLines = maxBatchEntries;
/** Lines are numbered below this, so that a function and a line fit into one number. */
const maxLineNumber = 2 ** 24;

interface RecordedNode {
  readonly number: number;
  readonly children: Map<number, RecordedNode>;
}

/** Tree of the call stacks of one thread, and the cost of lines. Remembers what has changed since it was drained. */
export class StackRecorder {
  readonly #root: RecordedNode = { number: 0, children: new Map() };
  #size = 0;
  #newNodes: StackNodeDelta[] = [];
  #added = new Map<number, { samples: number; cpuNs: number }>();
  #omitted = 0;
  #lines = new LineSums(maxLines);
  /** Functions and lines that were added, each pair as one number. */
  readonly #lineKeys = new Set<number>();
  #droppedLines = 0;

  /**
   * Adds samples of one stack.
   *
   * @param functions IDs of the functions, the innermost first
   * @param lines one-based line of each function that ran or called the next one; 0 if it is not known
   */
  add(functions: readonly number[], samples: number, cpuNs: number, lines: readonly number[] = []): void {
    let node = this.#root;
    let index = functions.length - 1;
    for (; index >= 0; index--) {
      const child = this.#childOf(node, functions[index] as number);
      if (!child) {
        this.#omitted += samples;
        break;
      }
      node = child;
    }
    const added = this.#added.get(node.number) ?? { samples: 0, cpuNs: 0 };
    added.samples += samples;
    added.cpuNs += cpuNs;
    this.#added.set(node.number, added);
    if (lines.length > 0) this.#addLines(functions, lines, index + 1, samples, cpuNs);
  }

  /** Returns the number of the node of a stack, or of its deepest function that has room. */
  nodeOf(functions: readonly number[]): number {
    let node = this.#root;
    // Guests run in Node 18, which has no `toReversed`.
    for (let index = functions.length - 1; index >= 0; index--) {
      const child = this.#childOf(node, functions[index] as number);
      if (!child) break;
      node = child;
    }
    return node.number;
  }

  /** Returns what has changed since the previous call. */
  drain(): StackDeltas {
    const stackNodes = this.#newNodes;
    const stackSamples = [...this.#added].map(([node, { samples, cpuNs }]): StackSampleDelta => [node, samples, cpuNs]);
    const stackLines = this.#lines.toDeltas();
    const omitted = this.#omitted;
    this.#newNodes = [];
    this.#added = new Map();
    this.#lines = new LineSums(maxLines);
    this.#omitted = 0;
    return {
      ...(stackNodes.length > 0 ? { stackNodes } : {}),
      ...(stackSamples.length > 0 ? { stackSamples } : {}),
      ...(stackLines.length > 0 ? { stackLines } : {}),
      ...(omitted > 0 ? { stackSamplesOmitted: omitted } : {}),
    };
  }

  /** Returns and resets the number of lines that there was no room for. */
  drainDroppedLines(): number {
    const dropped = this.#droppedLines;
    this.#droppedLines = 0;
    return dropped;
  }

  /** @param innermost index of the function that the samples count for */
  #addLines(
    functions: readonly number[],
    lines: readonly number[],
    innermost: number,
    samples: number,
    cpuNs: number,
  ): void {
    const counted = new Set<number>();
    for (let index = innermost; index < functions.length; index++) {
      const [id, line] = [functions[index] as number, lines[index] ?? 0];
      const key = id * maxLineNumber + line;
      if (line <= 0 || line >= maxLineNumber || counted.has(key)) continue;
      counted.add(key);
      if (!this.#hasRoomFor(key)) this.#droppedLines++;
      else this.#lines.add(id, line, samples, index === innermost ? cpuNs : 0, cpuNs);
    }
  }

  #hasRoomFor(key: number): boolean {
    if (this.#lineKeys.size >= maxLines) return this.#lineKeys.has(key);
    this.#lineKeys.add(key);
    return true;
  }

  #childOf(parent: RecordedNode, id: number): RecordedNode | undefined {
    const existing = parent.children.get(id);
    if (existing) return existing;
    if (this.#size >= (parent === this.#root ? maxNodes : maxCallPaths)) return undefined;
    const child: RecordedNode = { number: ++this.#size, children: new Map() };
    parent.children.set(id, child);
    this.#newNodes.push([child.number, parent.number, id]);
    return child;
  }
}
