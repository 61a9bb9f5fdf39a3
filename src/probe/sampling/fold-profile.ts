/** Folds one CPU profile of V8 into shares of time by operation: what a function spent itself, and with what it called. */

/** As the inspector tells it: lines and columns from 0, the column at the parameter list. */
export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: CallFrame;
    readonly children?: readonly number[];
  }[];
  /** Microseconds, as all times of a profile. */
  readonly startTime: number;
  readonly endTime: number;
  readonly samples?: readonly number[];
  /** Time before each sample, since the one before it or the start. */
  readonly timeDeltas?: readonly number[];
}

export interface Share {
  samples: number;
  selfNs: number;
  totalNs: number;
}

export interface FoldOptions {
  /** Number of the operation that a frame belongs to; none for frames that are not told, such as idle time. */
  readonly operationOf: (frame: CallFrame) => number | undefined;
  /** Samples before this moment were in the profile before: recordings overlap. */
  readonly afterUs: number;
  /** One sample stands for no more than this: a starved sampler is late, and nobody knows what ran meanwhile. */
  readonly longestUs: number;
}

const collector = '(garbage collector)';
const pausing: ReadonlySet<string> = new Set([collector, '(idle)', '(program)', '(root)']);

export interface Folded {
  readonly looks: number;
  /** Of the garbage collector; it is in the shares of the code that made it run, too. */
  readonly gcNs: number;
}

/** Adds what the profile tells to `shares`, and returns how many samples it held. */
export function fold(profile: CpuProfile, options: FoldOptions, shares: Map<number, Share>): Folded {
  const { nodes, samples = [], timeDeltas = [] } = profile;
  const indices = new Map(nodes.map((node, index) => [node.id, index]));
  const parents = new Int32Array(nodes.length).fill(-1);
  for (const [index, node] of nodes.entries()) {
    for (const child of node.children ?? []) parents[indices.get(child) ?? 0] = index;
  }
  const selfUs = new Float64Array(nodes.length);
  const hits = new Uint32Array(nodes.length);
  let [atUs, running, looks, gcUs] = [profile.startTime, -1, 0, 0];
  for (const [index, id] of samples.entries()) {
    atUs += timeDeltas[index] ?? 0;
    let node = indices.get(id);
    if (node === undefined) continue;
    const name = nodes[node]?.callFrame.functionName ?? '';
    // The collector's samples hang off the root: its time belongs to the code that made it run.
    if (name === collector && running >= 0) node = running;
    else running = pausing.has(name) ? -1 : node;
    if (atUs <= options.afterUs) continue;
    const untilUs = index + 1 < samples.length ? atUs + (timeDeltas[index + 1] ?? 0) : profile.endTime;
    const spentUs = Math.max(0, Math.min(untilUs - atUs, options.longestUs));
    selfUs[node] = (selfUs[node] as number) + spentUs;
    if (name === collector) gcUs += spentUs;
    hits[node] = (hits[node] as number) + 1;
    looks++;
  }
  const known = new Map<number, number | undefined>();
  const operationOf = (node: number): number | undefined => {
    const frame = nodes[node]?.callFrame;
    if (frame && !known.has(node)) known.set(node, options.operationOf(frame));
    return known.get(node);
  };
  for (let node = 0; node < nodes.length; node++) {
    if (hits[node] === 0) continue;
    addStack(node, selfUs[node] as number, hits[node] as number);
  }
  return { looks, gcNs: gcUs * 1000 };

  function addStack(leaf: number, spentUs: number, samples: number): void {
    const seen = new Set<number>();
    for (let node = leaf; node >= 0; node = parents[node] as number) {
      const operation = operationOf(node);
      if (operation === undefined || seen.has(operation)) continue;
      const share = shares.get(operation) ?? { samples: 0, selfNs: 0, totalNs: 0 };
      shares.set(operation, share);
      // A recursion is on the stack many times and counts once.
      seen.add(operation);
      share.samples += samples;
      share.totalNs += spentUs * 1000;
      if (node === leaf) share.selfNs += spentUs * 1000;
    }
  }
}
