import type { Session } from 'node:inspector';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BroadcastChannel } from 'node:worker_threads';
import type { Bye, ResourceSample } from '../../protocol/batch/batch.ts';
import type { Control, ProbeConfig } from '../../protocol/control.ts';
import { ThreadClock } from '../clocks/thread-clock.ts';
import { countedCallNs, timedCallNs } from '../exact/counting/exact-timing.ts';
import type { HostConnection } from '../link/host-connection.ts';
import { startBeats } from '../link/start-beats.ts';
import { isSampledFromStart, type SharedFlags } from '../preload/shared-flags.ts';
import type { AgentMessage } from '../preload/thread-agent.ts';
import type { ThreadStats } from '../preload/thread-stats.ts';
import { ClassNames } from '../source/class-names.ts';
import { CodeOwner } from '../source/code-owner.ts';
import { SourceMaps } from '../source/source-maps.ts';
import { InterruptSampler } from './interrupt/interrupt-sampler.ts';
import { OperationRegistry } from './operation-registry.ts';
import { createRemoteAgent, remoteAgentKey } from './remote-agent.ts';
import { SamplingPlan } from './sampling-plan.ts';
import { type Inspector, isProbeProfile, probeKey, ThreadProfiler } from './thread-profiler.ts';
import { ThreadReporter } from './thread-reporter.ts';
import { watchWorkers } from './watch-workers.ts';

interface SamplerOptions {
  readonly session: Session;
  readonly connection: HostConnection;
  readonly flags: SharedFlags;
  /** Thread ID of the sampler itself, which is not profiled. */
  readonly ownThreadId: number;
  readonly name: string;
  readonly wallStartMs: number;
  readonly config: ProbeConfig;
  /** Folder of the probe's own files. */
  readonly probeFolder: string;
}

const reportIntervalMs = 250;
const minResourceIntervalMs = 450;
/** Time after which a worker is sampled that is not sampled from its start. */
const lateSamplingMs = 250;
const lateSamplingNotice =
  'Worker threads beyond the first 16 are sampled only once they have run for 250 ms because starting a profile takes longer than many workers live. Exact timings are complete.';

const remoteNotice =
  'A worker thread was started with its own environment (option env), so its functions are sampled but not timed exactly. Pass process.env to it to time them.';

const terminationNotice =
  'A worker thread was terminated. Stack samples of up to 250 ms before are missing; counted calls are complete.';

/** Profiles every thread of the program and reports it every 250 ms, until the main thread has ended. */
export class Sampler {
  readonly #options: SamplerOptions;
  readonly #inspector: Inspector;
  readonly #reporters = new Map<number, ThreadReporter>();
  readonly #sourceMaps: SourceMaps;
  readonly #classNames = new ClassNames();
  readonly #codeOwner: CodeOwner;
  readonly #plan: SamplingPlan;
  /** Messages of threads that have no reporter yet. */
  readonly #earlyMessages = new Map<number, readonly AgentMessage[]>();
  #resourcesAtMs = Number.NEGATIVE_INFINITY;
  /** Event-loop delay that the main thread has reported last. Its batches carry all of them. */
  #loopDelayNs = 0;
  #heapBytes = 0;
  #gcNs = 0;
  /** False in versions of Node that do not report the time of the garbage collector. */
  #reportsGc = false;

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#sourceMaps = new SourceMaps(options.config.workspace);
    this.#codeOwner = new CodeOwner(options.config.projectRoot ?? options.config.workspace, options.probeFolder);
    this.#plan = new SamplingPlan(options.config);
    this.#inspector = {
      post: (method, parameters) =>
        new Promise((resolve, reject) =>
          options.session.post(method, parameters, (error: Error | null, result?: object) =>
            error ? reject(error) : resolve(result),
          ),
        ),
    };
  }

  /** Resolves once the main thread has ended and everything has been sent. */
  async run(): Promise<void> {
    const { session, flags, ownThreadId } = this.#options;
    session.on('Profiler.consoleProfileFinished', ({ params }: { params: unknown }) => this.#onProfile(0, params));
    const channel = new BroadcastChannel(`${probeKey} ${process.pid}`);
    channel.onmessage = (event) => this.#onAgentMessage(event as { readonly data: unknown });
    flags.markSamplerListening();
    const mainThreadEnd = this.#profileThread(0, this.#inspector);
    await watchWorkers(session, ownThreadId, {
      onAttached: (threadId, inspector, ended) =>
        void this.#profileThread(threadId, inspector, ended).catch(() => undefined),
      onProfile: (threadId, parameters) => this.#onProfile(threadId, parameters),
    }).catch(() => undefined);
    await mainThreadEnd;
    channel.close();
    for (const reporter of this.#reporters.values())
      if (!reporter.hasEnded) this.#report(reporter, { bye: { reason: 'end' } });
    session.disconnect();
    await this.#options.connection.close();
    flags.markDone(0);
  }

  handleControl(control: Control): void {
    if (control.type === 'flush') this.#tick();
    if (control.type !== 'wish') return;
    const config = control.wishes;
    this.#plan.configure(config);
    for (const { profiler } of this.#reporters.values()) void profiler.configure(config).catch(() => undefined);
    this.#applyInterval();
  }

  /** Profiles a thread from its start. Resolves once the thread has ended and its last batch is on its way. */
  async #profileThread(threadId: number, inspector: Inspector, workerEnd?: Promise<void>): Promise<void> {
    const { flags, name, wallStartMs } = this.#options;
    const isPreloaded = await Promise.race([
      flags.waitUntilPresent(threadId).then(() => true),
      ...(workerEnd && this.#maySampleRemotely ? [createRemoteAgent(inspector).then(() => false)] : []),
    ]);
    const reporter = new ThreadReporter(
      new ThreadProfiler(threadId, inspector, isPreloaded ? probeKey : remoteAgentKey),
      new OperationRegistry(this.#codeOwner, this.#sourceMaps, this.#classNames),
      {
        pid: process.pid,
        ppid: process.ppid,
        threadId,
        runtime: `node ${process.versions.node}`,
        name: threadId === 0 ? name : `${name} #${threadId}`,
        wallStartMs,
        recordNs: timedCallNs,
        countNs: countedCallNs,
      },
    );
    this.#reporters.set(threadId, reporter);
    for (const message of this.#earlyMessages.get(threadId) ?? []) reporter.receive(message);
    this.#earlyMessages.delete(threadId);
    if (!isPreloaded && this.#options.config.exact.length > 0) this.#addNotice(remoteNotice);
    const stopWaiting = await this.#startSampling(reporter, isPreloaded);
    this.#report(reporter);
    const stopBeats = startBeats(() => void this.#update(threadId, reporter).catch(() => undefined));
    const isReachable = await Promise.race([
      ...(isPreloaded ? [flags.markRunning(threadId).then(() => true)] : []),
      ...(workerEnd ? [workerEnd.then(() => false)] : []),
    ]);
    stopBeats();
    stopWaiting();
    // A terminated worker does not wait, but its counters are still there.
    if (isPreloaded && !isReachable) this.#addNotice(terminationNotice);
    await reporter.finish((stats) => this.#onStats(threadId, stats), isReachable);
    // Messages that the thread sent with its last answer arrive in the next turn of the event loop.
    await nextTurn();
    // A program that ends before the first tick has not reported its resources yet.
    const resources = threadId === 0 ? { resources: await this.#sampleResources() } : {};
    this.#report(reporter, { ...resources, bye: { reason: 'end' } });
    if (threadId !== 0) flags.markDone(threadId);
  }

  /** False while something else uses V8's profiler. Threads with a preload check this by themselves. */
  get #maySampleRemotely(): boolean {
    const { isInspectorOpen, profilerUserCount, hasCoverage } = this.#options.flags;
    return !isInspectorOpen && profilerUserCount === 0 && !hasCoverage;
  }

  /** Returns a function to call when the thread ends. */
  async #startSampling(reporter: ThreadReporter, isPreloaded: boolean): Promise<() => void> {
    const stopInterrupts = isPreloaded ? await this.#startInterrupts(reporter) : undefined;
    const startProfiles = (): Promise<void> => reporter.profiler.setInterval(this.#profileIntervalNs(isPreloaded));
    if (isSampledFromStart(reporter.profiler.threadId)) {
      await startProfiles();
      return () => stopInterrupts?.();
    }
    const timer = setTimeout(() => void startProfiles().catch(() => undefined), lateSamplingMs);
    return () => {
      clearTimeout(timer);
      stopInterrupts?.();
      const isMissed = reporter.profiler.intervalNs === 0 && this.#profileIntervalNs(isPreloaded) > 0;
      if (isMissed) this.#addNotice(lateSamplingNotice);
    };
  }

  /** Returns the interval of V8's profiler in a thread. Threads without a preload cannot capture their stack themselves. */
  #profileIntervalNs(isPreloaded: boolean): number {
    return this.#plan.isFine || !isPreloaded ? this.#plan.intervalNs : 0;
  }

  /** Returns a function to call when the thread ends. */
  async #startInterrupts({ profiler, stacks }: ThreadReporter): Promise<() => void> {
    const systemId = await profiler.systemThreadId();
    const sampler = new InterruptSampler({
      clock: systemId === undefined ? undefined : ThreadClock.open(systemId),
      intervalMs: () => (this.#plan.isFine ? 0 : this.#plan.intervalNs / 1e6),
      requestStack: () => profiler.requestStack(),
      onStack: (stack) => stacks.addStack(stack),
      onCost: (costMs) => this.#plan.addInterrupt(costMs),
    });
    if (this.#plan.intervalNs > 0 && !this.#plan.isFine) stacks.addUnsampled(sampler.startNs);
    return () => {
      const restNs = sampler.end();
      if (this.#plan.intervalNs > 0 && !this.#plan.isFine) stacks.addUnsampled(restNs);
    };
  }

  #onAgentMessage({ data }: { readonly data: unknown }): void {
    const { threadId, ...message } = data as AgentMessage & { readonly threadId: number };
    const { batch } = message;
    const reporter = this.#reporters.get(threadId);
    if (!batch) {
      if (reporter) reporter.receive(message);
      else this.#earlyMessages.set(threadId, [...(this.#earlyMessages.get(threadId) ?? []), message]);
      return;
    }
    // A thread may record before the sampler has reached it. Its end is reported by its reporter.
    const { bye: _bye, ...records } = batch;
    this.#options.connection.send(reporter ? reporter.toThreadBatch(batch) : records);
  }

  #onProfile(threadId: number, parameters: unknown): void {
    if (isProbeProfile(parameters)) this.#reporters.get(threadId)?.stacks.addProfile(parameters.profile);
  }

  #tick(): void {
    for (const [threadId, reporter] of this.#reporters) void this.#update(threadId, reporter).catch(() => undefined);
  }

  async #update(threadId: number, reporter: ThreadReporter): Promise<void> {
    if (reporter.hasEnded) return;
    // If the thread does not answer in time, report what is already known.
    const timeout = setTimeout(() => this.#report(reporter), reportIntervalMs / 2);
    const hasRotated = await reporter
      .rotate((stats) => this.#onStats(threadId, stats))
      .finally(() => clearTimeout(timeout));
    if (!hasRotated) return;
    this.#plan.addProfileSamples(reporter.stacks.drainProfileSamples());
    const isResourceSampleDue = threadId === 0 && performance.now() - this.#resourcesAtMs >= minResourceIntervalMs;
    const resources = isResourceSampleDue ? await this.#sampleResources() : undefined;
    if (!reporter.hasEnded) this.#report(reporter, resources ? { resources } : {});
    if (this.#plan.lengthenIfOverBudget()) this.#applyInterval();
  }

  #applyInterval(): void {
    for (const reporter of this.#reporters.values()) {
      const isPreloaded = reporter.profiler.isPreloaded;
      if (!reporter.hasEnded)
        void reporter.profiler.setInterval(this.#profileIntervalNs(isPreloaded)).catch(() => undefined);
    }
  }

  /** Notices of all threads are sent with the main thread's batches, so that each is sent once. */
  #addNotice(notice: string): void {
    this.#reporters.get(0)?.addNotice(notice);
  }

  #onStats(threadId: number, stats: ThreadStats): void {
    if (threadId === 0) this.#loopDelayNs = stats.loopDelayNs;
    this.#plan.addReport(stats.rotationMs);
    this.#plan.addStartWait(stats.startWaitMs);
    this.#gcNs += stats.gcNs ?? 0;
    this.#reportsGc ||= stats.gcNs !== undefined;
    for (const notice of stats.notices) this.#addNotice(notice);
    for (const [file, url] of stats.sourceMapUrls) this.#sourceMaps.add(file, url);
  }

  #report(reporter: ThreadReporter, extra: { readonly resources?: ResourceSample; readonly bye?: Bye } = {}): void {
    const overheadNs = this.#plan.overheadNs(reporter.profiler.threadId);
    const batch = reporter.drainBatch(performance.now() * 1e6, overheadNs, {
      ...extra,
      samplingNs: this.#plan.intervalNs,
    });
    // Also while the host is slow: the connection merges batches, and the exact counters of the thread may wrap around.
    if (batch) this.#options.connection.send(batch);
    reporter.setTimingBudget(this.#plan.budgetRatio * reportIntervalMs * 1e6);
  }

  async #sampleResources(): Promise<ResourceSample> {
    this.#resourcesAtMs = performance.now();
    const heap = (await this.#inspector.post('Runtime.getHeapUsage')) as { readonly usedSize?: number } | undefined;
    this.#heapBytes = heap?.usedSize ?? this.#heapBytes;
    const usage = process.resourceUsage();
    const loopDelayNs = this.#loopDelayNs;
    this.#loopDelayNs = 0;
    return {
      rssBytes: process.memoryUsage.rss(),
      heapBytes: this.#heapBytes,
      peakRssBytes: usage.maxRSS * 1024,
      cpuNs: (usage.userCPUTime + usage.systemCPUTime) * 1000,
      eventLoopDelayP99Ns: loopDelayNs,
      ...(this.#reportsGc ? { gcNs: this.#gcNs } : {}),
    };
  }
}
