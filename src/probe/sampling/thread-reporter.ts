import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type {
  Batch,
  Bye,
  GaugeEvent,
  Hello,
  OperationDelta,
  ProbeCost,
  ResourceSample,
} from '../../protocol/batch/batch.ts';
import type { ExactReport } from '../../protocol/batch/exact-report.ts';
import { protocolVersion } from '../../protocol/batch/limits.ts';
import { defined } from '../../protocol/defined.ts';
import { ExactTiming } from '../exact/counting/exact-timing.ts';
import type { InstrumentedFunction } from '../exact/file-instrumenter.ts';
import type { LookupCount } from '../preload/cache-lookups.ts';
import type { AgentMessage } from '../preload/thread-agent.ts';
import type { FinalStats, SourceMapUrl, ThreadStats } from '../preload/thread-stats.ts';
import { NoticeQueue } from '../record/notice-queue.ts';
import { pathOf } from '../source/code-owner.ts';
import type { OutlineSource } from './fine/known-functions.ts';
import type { CallFrame } from './fold-profile.ts';
import type { OperationRegistry } from './operation-registry.ts';
import { framesOf, SampledStacks } from './sampled-stacks.ts';
import type { ThreadProfiler } from './thread-profiler.ts';

const minBudgetIntervalMs = 200;
/** Maximum time that the end of a thread waits for its source maps. The thread may not answer any more. */
const maxFinalWaitMs = 100;
/** Turns of the event loop in which a message arrives that was posted before. */
const maxMessageTurns = 3;
/** Shortest event-loop delay that is reported without anything else. */
const minReportedDelayNs = 2e6;
/** Files that Node cannot run without a compiler. */
const compiledFile = /\.([cm]?tsx?|jsx)(\?|$)/;

/** At most one rotation of profiles runs at a time; an ended thread starts no more. */
type Phase = 'idle' | 'rotating' | 'ended';

/** Instrumented functions may be reported before the memory that holds their counters. */
type ExactState =
  | { readonly phase: 'waiting'; readonly functions: InstrumentedFunction[] }
  | { readonly phase: 'counting'; readonly timing: ExactTiming };

interface BatchExtra {
  readonly resources?: ResourceSample;
  readonly bye?: Bye;
  /** Time between two stack samples now. */
  readonly samplingNs: number;
}

/** Builds the batches of one profiled thread: samples, exact counters, and what the program recorded through the API. */
export class ThreadReporter {
  readonly profiler: ThreadProfiler;
  readonly operations: OperationRegistry;
  readonly stacks: SampledStacks;
  readonly #source: string;
  readonly #hello: Hello;
  #unsentHello: Hello | undefined;
  #phase: Phase = 'idle';
  #exact: ExactState = { phase: 'waiting', functions: [] };
  /** Longest delay of the thread's event loop since the last batch. */
  #loopDelayNs = 0;
  #gauges: readonly GaugeEvent[] = [];
  readonly #notices = new NoticeQueue();
  #exactReports: readonly ExactReport[] | undefined;
  /** Lookups in caches by operation since the last batch. */
  readonly #lookups = new Map<number, { hits: number; misses: number }>();
  /** Last message of the thread. */
  #final: FinalStats | undefined;
  #programCost: ProbeCost = { events: 0, flushNs: 0 };
  #overheadNs = 0;
  #budgetSetMs = performance.now();
  /** URLs of compiled files whose source maps have been requested. */
  readonly #requestedUrls = new Set<string>();

  constructor(profiler: ThreadProfiler, operations: OperationRegistry, outlines: OutlineSource, hello: Hello) {
    this.profiler = profiler;
    this.operations = operations;
    this.stacks = new SampledStacks(operations, outlines);
    this.#source = `${hello.pid}.${hello.threadId}`;
    this.#hello = hello;
    this.#unsentHello = hello;
  }

  get hasEnded(): boolean {
    return this.#phase === 'ended';
  }

  /** Receives what the thread sends: the counters of its functions once, each instrumented file, and its last data. */
  receive({ memory, instrumentedFiles = [], final }: Omit<AgentMessage, 'batch'>): void {
    this.#final = final ?? this.#final;
    if (memory && this.#exact.phase === 'waiting') {
      const { functions } = this.#exact;
      this.#exact = { phase: 'counting', timing: new ExactTiming(memory) };
      for (const instrumented of functions) this.#register(instrumented);
    }
    for (const { file, shifts, functions } of instrumentedFiles) {
      this.operations.setColumnShifts(file, shifts);
      for (const instrumented of functions) {
        this.operations.placeFunction(file, instrumented);
        this.#register(instrumented);
      }
    }
  }

  /** Turns a batch that the program recorded through the probe API into a batch of this thread's source. */
  toThreadBatch(batch: Batch): Batch {
    const { hello: _hello, bye: _bye, resources: _resources, ...records } = batch;
    this.#programCost = batch.cost;
    const hello = this.#takeHello();
    return { ...records, source: this.#source, ...defined({ hello }), cost: this.#cost(this.#overheadNs) };
  }

  /** Adds a sentence for the user to the next batch. */
  addNotice(notice: string): void {
    this.#notices.add(notice);
  }

  /** Limits the time that exact timing may take until the next report. */
  setTimingBudget(budgetNs: number): void {
    const nowMs = performance.now();
    // The budget is for a whole interval, but the first reports of a thread follow each other faster.
    if (this.#exact.phase !== 'counting' || nowMs - this.#budgetSetMs < minBudgetIntervalMs) return;
    this.#budgetSetMs = nowMs;
    this.#exact.timing.setBudget(budgetNs);
  }

  /** Starts the next profile and folds the previous one. Returns false if the last rotation is unanswered. */
  async rotate(onStats: (stats: ThreadStats) => void): Promise<boolean> {
    if (this.#phase !== 'idle') return false;
    this.#phase = 'rotating';
    try {
      await this.#fold(await this.profiler.rotate(), onStats);
      return true;
    } finally {
      this.#endRotation();
    }
  }

  /**
   * Stops profiling and folds what is left. A thread that has ended already cannot be asked for anything. Returns what the
   * thread has posted at its end.
   */
  async finish(onStats: (stats: ThreadStats) => void, isReachable: boolean): Promise<FinalStats | undefined> {
    this.#phase = 'ended';
    await this.#receivePosted();
    // A thread posts nothing if V8's profiler samples it, or while the sampler does not listen yet; then it waits.
    const mustAsk = isReachable && (this.profiler.isSampling || !this.#final);
    if (mustAsk) {
      await this.#fold(await this.#askFinally(), onStats);
      await this.#receivePosted();
    }
    if (this.#final || !mustAsk) await this.#fold(this.#final?.stats, onStats);
    return this.#final;
  }

  /** Returns the last statistics; undefined if the thread is gone, because a worker that posts them does not wait. */
  async #askFinally(): Promise<unknown> {
    try {
      await this.profiler.stop();
      return await this.profiler.rotate();
    } catch {
      return undefined;
    }
  }

  /** Resolves once messages have arrived that the thread has posted before. */
  async #receivePosted(): Promise<void> {
    for (let turn = 0; turn < maxMessageTurns && !this.#final; turn++) await nextTurn();
  }

  /** Returns what has changed since the previous batch, or undefined if nothing has. The connection numbers it. */
  drainBatch(atNs: number, overheadNs: number, { resources, bye, samplingNs }: BatchExtra): Batch | undefined {
    const cost = this.#exact.phase === 'counting' && !bye ? this.#exact.timing.calibrate() : undefined;
    if (cost) this.#unsentHello = { ...this.#hello, recordNs: cost.timedNs, countNs: cost.countedNs };
    const exactOperations = this.#exact.phase === 'counting' ? this.#exact.timing.drain() : [];
    const operations = [...exactOperations, ...this.#drainLookups()];
    const definitions = this.operations.drain();
    const stacks = this.stacks.drain();
    const blocks = this.stacks.drainBlocks();
    const droppedLines = this.stacks.drainDroppedLines();
    const gauges = this.#gauges;
    this.#gauges = [];
    const notices = this.#notices.drain();
    const exact = this.#exactReports;
    this.#exactReports = undefined;
    const isLate = this.#loopDelayNs >= minReportedDelayNs;
    const hasRecords =
      definitions.length + operations.length + gauges.length + notices.length > 0 ||
      stacks.stackSamples ||
      blocks.blocks;
    if (!this.#unsentHello && !hasRecords && !isLate && !exact && !resources && !bye) return undefined;
    const loopDelayNs = this.#loopDelayNs;
    this.#loopDelayNs = 0;
    const hello = this.#takeHello();
    return {
      v: protocolVersion,
      source: this.#source,
      sequence: 0,
      atNs,
      ...defined({ hello }),
      ...(definitions.length ? { definitions } : {}),
      ...(operations.length ? { operations } : {}),
      ...stacks,
      ...blocks,
      ...(stacks.stackSamples ? { samplingNs } : {}),
      ...(droppedLines > 0 ? { dropped: { values: droppedLines } } : {}),
      ...(gauges.length ? { gauges } : {}),
      ...(notices.length ? { notices } : {}),
      ...defined({ exact }),
      ...defined({ resources }),
      ...(isLate ? { loopDelayNs } : {}),
      cost: this.#cost(overheadNs),
      ...defined({ bye }),
    };
  }

  /** The thread may have ended meanwhile; then it stays ended. */
  #endRotation(): void {
    if (this.#phase === 'rotating') this.#phase = 'idle';
  }

  #takeHello(): Hello | undefined {
    const hello = this.#unsentHello;
    this.#unsentHello = undefined;
    return hello;
  }

  #cost(overheadNs: number): ProbeCost {
    this.#overheadNs = overheadNs;
    const timing: Partial<ExactTiming> = this.#exact.phase === 'counting' ? this.#exact.timing : {};
    const { timedCalls = 0, countedCalls = 0 } = timing;
    return {
      events: timedCalls + this.#programCost.events,
      flushNs: overheadNs + this.#programCost.flushNs,
      ...(countedCalls > 0 ? { counted: countedCalls } : {}),
    };
  }

  async #fold(response: unknown, onStats: (stats: ThreadStats) => void): Promise<void> {
    const stats = response as ThreadStats | undefined;
    const waiting = this.stacks.take();
    if (stats) this.#applyStats(stats, onStats);
    const sourceMapUrls = stats ? await this.#requestSourceMaps(framesOf(waiting)) : [];
    if (stats && sourceMapUrls.length > 0) onStats({ ...stats, rotationMs: 0, startWaitMs: 0, sourceMapUrls });
    this.stacks.fold(waiting, this.profiler.intervalNs, stats?.cpuNs);
  }

  #applyStats(stats: ThreadStats, onStats: (stats: ThreadStats) => void): void {
    onStats(stats);
    this.#loopDelayNs = Math.max(this.#loopDelayNs, stats.loopDelayNs);
    // Only changes are reported, and there may be several before the next batch.
    if (stats.gauges.length > 0) this.#gauges = stats.gauges;
    for (const lookup of stats.lookups) this.#addLookup(lookup);
    this.#exactReports = stats.exactReports ?? this.#exactReports;
    this.receive(stats);
  }

  #register(instrumented: InstrumentedFunction): void {
    if (this.#exact.phase === 'waiting') {
      this.#exact.functions.push(instrumented);
      return;
    }
    this.#exact.timing.register(instrumented, this.operations.idOfInstrumented(instrumented));
  }

  /** Requests the source map of each compiled file once. Loaders that compile in memory may leave the maps with Node. */
  async #requestSourceMaps(frames: readonly CallFrame[]): Promise<readonly SourceMapUrl[]> {
    const files = new Set<string>();
    for (const { url } of frames) {
      if (this.#requestedUrls.has(url) || !compiledFile.test(url)) continue;
      this.#requestedUrls.add(url);
      const file = pathOf(url);
      if (file) files.add(file);
    }
    if (files.size === 0) return [];
    const sourceMaps = this.profiler.sourceMapsOf([...files]);
    return this.hasEnded ? Promise.race([sourceMaps, sleep(maxFinalWaitMs, [])]) : sourceMaps;
  }

  #addLookup({ position, hits, misses }: LookupCount): void {
    const id = position ? this.operations.idOfPosition('lru-cache', position) : this.operations.idOfName('lru-cache');
    const sum = this.#lookups.get(id) ?? { hits: 0, misses: 0 };
    this.#lookups.set(id, { hits: sum.hits + hits, misses: sum.misses + misses });
  }

  #drainLookups(): OperationDelta[] {
    const deltas = [...this.#lookups].map(([id, lookups]) => ({
      id,
      count: 0,
      errors: 0,
      totalNs: 0,
      ...lookups,
      buckets: [],
    }));
    this.#lookups.clear();
    return deltas;
  }
}
