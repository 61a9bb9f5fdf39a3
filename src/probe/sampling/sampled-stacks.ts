import type { StackDeltas } from '../../protocol/batch/stack-sums.ts';
import { type CallFrame, type CpuProfile, foldProfile } from './fold-profile.ts';
import type { WeightedStack } from './interrupt/interrupt-sampler.ts';
import type { OperationRegistry } from './operation-registry.ts';
import { StackRecorder } from './stack-recorder.ts';

/** Maximum time of one sample of a profile: the larger of these two. Below 20 ms, real time would be lost on a busy machine. */
const maxSampleUs = 20_000;
const maxSampleIntervals = 20;

/** CPU time before the first and after the last stack. */
const unsampledName = '(not sampled)';
/** CPU time of a thread that ran no JavaScript. */
const eventLoopName = '(event loop)';

/** The stacks of one thread, from either way of sampling. They wait until the source maps of their code are known. */
export class SampledStacks {
  readonly #operations: OperationRegistry;
  readonly #recorder = new StackRecorder();
  #profiles: CpuProfile[] = [];
  #captured: WeightedStack[] = [];
  /** End of the last folded profile, which the next one overlaps. */
  #foldedUntilUs = 0;
  #profileSamples = 0;

  constructor(operations: OperationRegistry) {
    this.#operations = operations;
  }

  /** Adds a finished profile. */
  addProfile(profile: CpuProfile): void {
    this.#profiles.push(profile);
  }

  addStack(stack: WeightedStack): void {
    this.#captured.push(stack);
  }

  /** Adds CPU time that belongs to no stack. */
  addUnsampled(cpuNs: number): void {
    if (cpuNs > 0) this.#recorder.add([this.#operations.idOfName(unsampledName)], 0, Math.round(cpuNs));
  }

  /** Takes what waits, so that it can be folded together. */
  take(): WaitingStacks {
    const waiting = { profiles: this.#profiles, captured: this.#captured };
    this.#profiles = [];
    this.#captured = [];
    return waiting;
  }

  /**
   * Adds stacks to the tree.
   *
   * @param intervalNs time between two samples of a profile
   * @param cpuNs CPU time of the thread in the time of the profiles; undefined if it is not known
   */
  fold({ profiles, captured }: WaitingStacks, intervalNs: number, cpuNs = Number.POSITIVE_INFINITY): void {
    for (const stack of captured) this.#addCaptured(stack);
    let cpuUs = cpuNs / 1000;
    for (const profile of profiles) {
      const { sampleCount, totalUs } = foldProfile(
        profile,
        {
          idOf: (frame) => this.#operations.idOfFrame(frame),
          afterUs: this.#foldedUntilUs,
          maxSampleUs: Math.max(maxSampleUs, (maxSampleIntervals * intervalNs) / 1000),
          maxTotalUs: cpuUs,
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
    return this.#recorder.drain();
  }

  /** Returns and resets the number of samples of profiles that were folded. */
  drainProfileSamples(): number {
    const samples = this.#profileSamples;
    this.#profileSamples = 0;
    return samples;
  }

  #addCaptured({ frames, cpuNs, samples }: WeightedStack): void {
    const ids = frames.flatMap((frame) => this.#operations.idOfFrame(frame) ?? []);
    this.#recorder.add(ids.length > 0 ? ids : [this.#operations.idOfName(eventLoopName)], samples, Math.round(cpuNs));
  }
}

/** Stacks that are not in the tree yet. */
export interface WaitingStacks {
  readonly profiles: readonly CpuProfile[];
  readonly captured: readonly WeightedStack[];
}

/** Returns the functions of stacks, with repetitions. */
export function framesOf({ profiles, captured }: WaitingStacks): readonly CallFrame[] {
  return [
    ...profiles.flatMap(({ nodes }) => nodes.map(({ callFrame }) => callFrame)),
    ...captured.flatMap(({ frames }) => frames),
  ];
}
