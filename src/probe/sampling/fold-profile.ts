import { splitAmount } from '../../protocol/batch/stacks/split-amount.ts';
import type { StackRecorder } from './stack-recorder.ts';

/** Function of a stack, as the inspector reports it. Lines and columns count from 0; the column is the parameter list. */
export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** CPU profile of V8. All times are microseconds. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: CallFrame;
    readonly children?: readonly number[];
    /** Samples of this node by the line that ran, counted from 1. */
    readonly positionTicks?: readonly { readonly line: number; readonly ticks: number }[];
  }[];
  readonly startTime: number;
  readonly endTime: number;
  /** Node ID of each sample. */
  readonly samples?: readonly number[];
  /** Time between each sample and the previous one; for the first sample, since `startTime`. */
  readonly timeDeltas?: readonly number[];
}

/** Lines of a profile. Lines count from 1, those of the running code too; 0 is a line that is not known. */
export interface ProfileLines {
  /** Returns the functions that were inlined into that of the frame, the outermost first, and the line that ran. */
  repair(frame: CallFrame, line: number): { readonly inlined: readonly CallFrame[]; readonly line: number };
  /** Returns the functions that were inlined between two, the outermost first. */
  between(caller: CallFrame, callee: CallFrame): readonly CallFrame[];
  /** Returns the line of a function at which it calls another one. */
  callLine(caller: CallFrame, callee: CallFrame): number;
  /** Returns the line in the original source. */
  lineOf(id: number, frame: CallFrame, line: number): number;
}

interface FoldOptions {
  /** Returns the operation of a frame, or undefined for frames that are not reported, such as idle time. */
  readonly idOf: (frame: CallFrame) => number | undefined;
  /** Samples up to this time are skipped, because profiles overlap and the previous one already contains them. */
  readonly afterUs: number;
  /** Maximum time counted for one sample. If sampling was delayed longer, it is unknown what ran in between. */
  readonly maxSampleUs: number;
  /**
   * CPU time of the thread in the time of the profile. A sample says what the thread was about to do, not whether it ran: it
   * may have waited for a free CPU or in a system call. If the samples add up to more, all are scaled down, those in a
   * function that waits for another process first.
   */
  readonly maxTotalUs: number;
  /** Absent if the lines of the profile are of no interest. */
  readonly lines?: ProfileLines;
}

const garbageCollector = '(garbage collector)';
/** Names that V8 gives to samples without a running function. */
const pauses: ReadonlySet<string> = new Set([garbageCollector, '(idle)', '(program)', '(root)']);

interface FoldResult {
  readonly sampleCount: number;
  /** Time of all samples. */
  readonly totalUs: number;
}

/** Adds the stacks of a profile to a tree. */
export function foldProfile(profile: CpuProfile, options: FoldOptions, stacks: StackRecorder): FoldResult {
  const { nodes, samples = [], timeDeltas = [] } = profile;
  const indices = new Map(nodes.map((node, index) => [node.id, index]));
  const parents = new Int32Array(nodes.length).fill(-1);
  for (const [index, node] of nodes.entries()) {
    for (const child of node.children ?? []) parents[indices.get(child) ?? 0] = index;
  }
  const selfUs = new Float64Array(nodes.length);
  const hits = new Uint32Array(nodes.length);
  let [sampleUs, running, sampleCount] = [profile.startTime, -1, 0];
  for (const [index, id] of samples.entries()) {
    sampleUs += timeDeltas[index] ?? 0;
    let node = indices.get(id);
    if (node === undefined) continue;
    const name = nodes[node]?.callFrame.functionName ?? '';
    // V8 hangs garbage collection off the root. Its time belongs to the code that ran before it.
    if (name === garbageCollector && running >= 0) node = running;
    else running = pauses.has(name) ? -1 : node;
    if (sampleUs <= options.afterUs) continue;
    const nextUs = index + 1 < samples.length ? sampleUs + (timeDeltas[index + 1] ?? 0) : profile.endTime;
    const durationUs = Math.max(0, Math.min(nextUs - sampleUs, options.maxSampleUs));
    selfUs[node] = (selfUs[node] as number) + durationUs;
    hits[node] = (hits[node] as number) + 1;
    sampleCount++;
  }
  const ids = new Map<number, number | undefined>();
  const idOf = (node: number): number | undefined => {
    const frame = nodes[node]?.callFrame;
    if (frame && !ids.has(node)) ids.set(node, options.idOf(frame));
    return ids.get(node);
  };
  let [runningUs, waitingUs] = [0, 0];
  for (const [node, { callFrame }] of nodes.entries()) {
    if (hits[node] === 0 || idOf(node) === undefined) continue;
    if (isWaiting(callFrame)) waitingUs += selfUs[node] as number;
    else runningUs += selfUs[node] as number;
  }
  const runningScale = shareOf(options.maxTotalUs, runningUs);
  const waitingScale = shareOf(options.maxTotalUs - runningUs * runningScale, waitingUs);
  for (const [node, { callFrame }] of nodes.entries()) {
    if (hits[node] === 0) continue;
    const scale = isWaiting(callFrame) ? waitingScale : runningScale;
    addStack(node, (selfUs[node] as number) * scale, hits[node] as number);
  }
  const totalUs = runningUs * runningScale + waitingUs * waitingScale;
  return { sampleCount, totalUs };

  function addStack(leaf: number, leafUs: number, leafSamples: number): void {
    if (idOf(leaf) === undefined) return;
    const [functions, callLines]: [number[], number[]] = [[], []];
    const chain: CallFrame[] = [];
    for (let node = leaf; node >= 0; node = parents[node] as number) {
      const frame = nodes[node]?.callFrame;
      if (!frame || idOf(node) === undefined) continue;
      const callee = chain.at(-1);
      for (const inlined of (callee && options.lines?.between(frame, callee).slice().reverse()) ?? []) push(inlined);
      push(frame);
    }
    function push(frame: CallFrame): void {
      const id = options.idOf(frame);
      if (id === undefined) return;
      callLines.push(functions.length === 0 ? 0 : callLineOf(id, frame, chain.at(-1) as CallFrame));
      functions.push(id);
      chain.push(frame);
    }
    const ticks = (nodes[leaf]?.positionTicks ?? []).filter((tick) => tick.ticks > 0);
    const leafNs = Math.round(leafUs * 1000);
    if (!options.lines || ticks.length === 0) {
      stacks.add(functions, leafSamples, leafNs, callLines);
      return;
    }
    const weights = ticks.map((tick) => tick.ticks);
    const [sampleParts, nsParts] = [splitAmount(leafSamples, weights), splitAmount(leafNs, weights)];
    for (const [index, { line }] of ticks.entries()) {
      const [samples, ns] = [sampleParts[index] as number, nsParts[index] as number];
      if (samples > 0 || ns > 0) addTick(functions, callLines, chain[0] as CallFrame, line, samples, ns);
    }
  }

  function addTick(
    functions: readonly number[],
    callLines: readonly number[],
    frame: CallFrame,
    line: number,
    samples: number,
    ns: number,
  ): void {
    const lines = options.lines as ProfileLines;
    const repaired = lines.repair(frame, line);
    const [ids, idLines]: [number[], number[]] = [[...functions], [...callLines]];
    let caller = frame;
    for (const inlined of repaired.inlined) {
      const id = options.idOf(inlined);
      if (id === undefined) continue;
      idLines[0] = callLineOf(ids[0] as number, caller, inlined);
      ids.unshift(id);
      idLines.unshift(0);
      caller = inlined;
    }
    idLines[0] = repaired.line > 0 ? lines.lineOf(ids[0] as number, caller, repaired.line) : 0;
    stacks.add(ids, samples, ns, idLines);
  }

  function callLineOf(id: number, caller: CallFrame, callee: CallFrame): number {
    const line = options.lines?.callLine(caller, callee) ?? 0;
    return line > 0 ? (options.lines?.lineOf(id, caller, line) ?? 0) : 0;
  }
}

/** Returns true for the function of Node in which a thread waits for another process, under `execSync` and its kind. */
function isWaiting({ functionName, url }: CallFrame): boolean {
  return functionName === 'spawnSync' && url.startsWith('node:');
}

/** Returns the part of `neededUs` that `availableUs` covers, from 0 to 1. */
function shareOf(availableUs: number, neededUs: number): number {
  return neededUs > 0 ? Math.min(1, Math.max(0, availableUs) / neededUs) : 1;
}
