import type { Batch } from '../../protocol/batch/batch.ts';
import type { LoopBlockDelta } from '../../protocol/batch/stacks/stack-delta.ts';
import type { StackDeltas } from '../../protocol/batch/stacks/stack-sums.ts';
import { defined } from '../../protocol/defined.ts';
import type { LineSource } from '../../protocol/stacks.ts';
import type { OutlineSource } from './fine/known-functions.ts';
import { RepairedLines } from './fine/repaired-lines.ts';
import { type CallFrame, type CpuProfile, foldProfile } from './fold-profile.ts';
import type { SampledFrame, WeightedStack } from './interrupt/interrupt-sampler.ts';
import type { OperationRegistry } from './operation-registry.ts';
import { StackRecorder } from './stack-recorder.ts';
import type { LoopBlock } from './turns/turn-tracker.ts';

/** Maximum time of one sample of a profile: the larger of these two. Below 20 ms, real time would be lost on a busy machine. */
const maxSampleUs = 20_000;
const maxSampleIntervals = 20;

/** CPU time before the first and after the last stack. */
export const unsampledName = '(not sampled)';
/** CPU time of a thread that ran no JavaScript. */
const eventLoopName = '(event loop)';
/** Maximum number of blocks of the event loop that wait for the next batch. */
const maxBlocks = 200;

/** The stacks of one thread, from either way of sampling. They wait until the source maps of their code are known. */
export class SampledStacks {
  readonly #operations: OperationRegistry;
  readonly #recorder = new StackRecorder();
  #profiles: CpuProfile[] = [];
  #captured: WeightedStack[] = [];
  #blocks: LoopBlock[] = [];
  #foldedBlocks: LoopBlockDelta[] = [];
  #blocksOmitted = 0;
  /** End of the last folded profile, which the next one overlaps. */
  #foldedUntilUs = 0;
  #profileSamples = 0;
  /** Lines in the original source. */
  readonly #lines = new WeakMap<SampledFrame, number>();
  readonly #profileLines: RepairedLines;
  #lineSource: LineSource | undefined;

  /** @param outlines the functions in the source files of the program */
  constructor(operations: OperationRegistry, outlines: OutlineSource) {
    this.#operations = operations;
    this.#profileLines = new RepairedLines(operations, outlines);
  }

  /** Adds a finished profile. */
  addProfile(profile: CpuProfile): void {
    this.#profiles.push(profile);
  }

  addStack(stack: WeightedStack): void {
    this.#captured.push(stack);
  }

  /** Adds a turn of the event loop that has taken too long. */
  addBlock(block: LoopBlock): void {
    if (this.#blocks.length + this.#foldedBlocks.length < maxBlocks) this.#blocks.push(block);
    else this.#blocksOmitted++;
  }

  /** Adds CPU time that belongs to no stack. */
  addUnsampled(cpuNs: number): void {
    if (cpuNs > 0) this.#recorder.add([this.#operations.idOfName(unsampledName)], 0, Math.round(cpuNs));
  }

  /** Takes what waits, so that it can be folded together. */
  take(): WaitingStacks {
    const waiting = { profiles: this.#profiles, captured: this.#captured, blocks: this.#blocks };
    this.#profiles = [];
    this.#captured = [];
    this.#blocks = [];
    return waiting;
  }

  /**
   * Adds stacks to the tree.
   *
   * @param intervalNs time between two samples of a profile
   * @param cpuNs CPU time of the thread in the time of the profiles; undefined if it is not known
   */
  fold({ profiles, captured, blocks }: WaitingStacks, intervalNs: number, cpuNs = Number.POSITIVE_INFINITY): void {
    for (const stack of captured) this.#addCaptured(stack);
    for (const { atMs, durationMs, frames } of blocks) {
      const node = this.#recorder.nodeOf(this.#idsOf(frames));
      this.#foldedBlocks.push({ atMs, durationNs: Math.round(durationMs * 1e6), node });
    }
    let cpuUs = cpuNs / 1000;
    for (const profile of profiles) {
      this.#profileLines.learn(profile);
      this.#lineSource ??= 'ticks';
      const { sampleCount, totalUs } = foldProfile(
        profile,
        {
          idOf: (frame) => this.#operations.idOfFrame(frame),
          afterUs: this.#foldedUntilUs,
          maxSampleUs: Math.max(maxSampleUs, (maxSampleIntervals * intervalNs) / 1000),
          maxTotalUs: cpuUs,
          lines: this.#profileLines,
        },
        this.#recorder,
      );
      this.#profileSamples += sampleCount;
      this.#foldedUntilUs = profile.endTime;
      cpuUs -= totalUs;
    }
  }

  /** Returns what has changed in the tree since the previous call. */
  drain(): StackDeltas {
    const deltas = this.#recorder.drain();
    const { stackLines } = deltas;
    return { ...deltas, ...(stackLines ? defined({ stackLineSource: this.#lineSource }) : {}) };
  }

  /** Returns the long turns of the event loop since the previous call. */
  drainBlocks(): Pick<Batch, 'blocks' | 'blocksOmitted'> {
    const [blocks, blocksOmitted] = [this.#foldedBlocks, this.#blocksOmitted];
    this.#foldedBlocks = [];
    this.#blocksOmitted = 0;
    return { ...(blocks.length > 0 ? { blocks } : {}), ...(blocksOmitted > 0 ? { blocksOmitted } : {}) };
  }

  /** Returns and resets the number of lines that there was no room for. */
  drainDroppedLines(): number {
    return this.#recorder.drainDroppedLines();
  }

  /** Returns and resets the number of samples of profiles that were folded. */
  drainProfileSamples(): number {
    const samples = this.#profileSamples;
    this.#profileSamples = 0;
    return samples;
  }

  #addCaptured({ frames, cpuNs, samples }: WeightedStack): void {
    const [ids, lines]: [number[], number[]] = [[], []];
    for (const frame of frames) {
      const id = this.#operations.idOfFrame(frame);
      if (id === undefined) continue;
      ids.push(id);
      lines.push(this.#lineOf(frame, id));
    }
    if (ids.length === 0) ids.push(this.#operations.idOfName(eventLoopName));
    this.#lineSource = 'checks';
    this.#recorder.add(ids, samples, Math.round(cpuNs), lines);
  }

  #idsOf(frames: readonly CallFrame[]): readonly number[] {
    const ids = frames.flatMap((frame) => this.#operations.idOfFrame(frame) ?? []);
    return ids.length > 0 ? ids : [this.#operations.idOfName(eventLoopName)];
  }

  #lineOf(frame: SampledFrame, id: number): number {
    const existing = this.#lines.get(frame);
    if (existing !== undefined) return existing;
    const line = this.#operations.lineOf(id, frame, frame.line, frame.column);
    this.#lines.set(frame, line);
    return line;
  }
}

/** Stacks that are not in the tree yet. */
export interface WaitingStacks {
  readonly profiles: readonly CpuProfile[];
  readonly captured: readonly WeightedStack[];
  readonly blocks: readonly LoopBlock[];
}

/** Returns the functions of stacks, with repetitions. */
export function framesOf({ profiles, captured, blocks }: WaitingStacks): readonly CallFrame[] {
  return [
    ...profiles.flatMap(({ nodes }) => nodes.map(({ callFrame }) => callFrame)),
    ...captured.flatMap(({ frames }) => frames),
    ...blocks.flatMap(({ frames }) => frames),
  ];
}
