import type { Session } from 'node:inspector';
import { BroadcastChannel } from 'node:worker_threads';
import type { Bye, ResourceSample } from '../../protocol/batch/batch.ts';
import type { Control, ProbeConfig } from '../../protocol/control.ts';
import { timedCallNs } from '../exact/exact-timing.ts';
import type { HostConnection } from '../link/host-connection.ts';
import type { SharedFlags } from '../preload/shared-flags.ts';
import type { AgentMessage } from '../preload/thread-agent.ts';
import type { ThreadStats } from '../preload/thread-stats.ts';
import { watchWorkers } from '../preload/watch-workers.ts';
import { CodeOwner } from '../source/code-owner.ts';
import { SourceMaps } from '../source/source-maps.ts';
import { OperationRegistry } from './operation-registry.ts';
import { SamplingBudget } from './sampling-budget.ts';
import { type Inspector, isProbeProfile, probeKey, ThreadProfiler } from './thread-profiler.ts';
import { ThreadReporter } from './thread-reporter.ts';

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
const ticksPerResourceSample = 2;

/** Profiles every thread of the program and reports it every 250 ms, until the main thread has ended. */
export class Sampler {
  readonly #options: SamplerOptions;
  readonly #inspector: Inspector;
  readonly #reporters = new Map<number, ThreadReporter>();
  readonly #sourceMaps: SourceMaps;
  readonly #codeOwner: CodeOwner;
  readonly #budget: SamplingBudget;
  /** Counter memory of threads that have no reporter yet. */
  readonly #earlyCounters = new Map<number, SharedArrayBuffer>();
  #ticks = 0;
  #loopDelayP99Ns = 0;
  #heapBytes = 0;
  #gcNs = 0;

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#sourceMaps = new SourceMaps(options.config.workspace);
    this.#codeOwner = new CodeOwner(options.config.workspace, options.probeFolder);
    this.#budget = new SamplingBudget(options.config);
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
    const mainThreadEnd = this.#profileThread(0, this.#inspector);
    await watchWorkers(session, ownThreadId, {
      onAttached: (threadId, inspector) => void this.#profileThread(threadId, inspector).catch(() => undefined),
      onProfile: (threadId, parameters) => this.#onProfile(threadId, parameters),
    }).catch(() => undefined);
    const timer = setInterval(() => this.#tick(), reportIntervalMs);
    await mainThreadEnd;
    clearInterval(timer);
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
    this.#budget.configure(config);
    for (const { profiler } of this.#reporters.values()) void profiler.configure(config).catch(() => undefined);
    this.#applyInterval();
  }

  /** Profiles a thread from its start. Resolves once the thread has ended and its last batch is on its way. */
  async #profileThread(threadId: number, inspector: Inspector): Promise<void> {
    const { flags, name, wallStartMs } = this.#options;
    await flags.waitUntilPresent(threadId);
    const reporter = new ThreadReporter(
      new ThreadProfiler(threadId, inspector),
      new OperationRegistry(this.#codeOwner, this.#sourceMaps),
      {
        pid: process.pid,
        ppid: process.ppid,
        threadId,
        runtime: `node ${process.versions.node}`,
        name: threadId === 0 ? name : `${name} #${threadId}`,
        wallStartMs,
        recordNs: timedCallNs,
      },
    );
    this.#reporters.set(threadId, reporter);
    const memory = this.#earlyCounters.get(threadId);
    this.#earlyCounters.delete(threadId);
    if (memory) reporter.attachCounters(memory);
    await reporter.profiler.setInterval(this.#budget.intervalNs);
    this.#report(reporter);
    await flags.markRunning(threadId);
    await reporter.finish((stats) => this.#onStats(threadId, stats));
    this.#gcNs += reporter.drainSampledWork().gcNs;
    // A program that ends before the first tick has not reported its resources yet.
    const resources = threadId === 0 ? { resources: await this.#sampleResources() } : {};
    this.#report(reporter, { ...resources, bye: { reason: 'end' } });
    if (threadId !== 0) flags.markDone(threadId);
  }

  #onAgentMessage({ data }: { readonly data: unknown }): void {
    const { threadId, memory, batch } = data as AgentMessage & { readonly threadId: number };
    const reporter = this.#reporters.get(threadId);
    if (memory && reporter) reporter.attachCounters(memory);
    else if (memory) this.#earlyCounters.set(threadId, memory);
    if (batch && reporter) this.#options.connection.send(reporter.toThreadBatch(batch));
  }

  #onProfile(threadId: number, parameters: unknown): void {
    if (isProbeProfile(parameters)) this.#reporters.get(threadId)?.addProfile(parameters.profile);
  }

  #tick(): void {
    this.#ticks++;
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
    const { sampleCount, gcNs } = reporter.drainSampledWork();
    this.#budget.addSamples(sampleCount);
    this.#gcNs += gcNs;
    const isResourceTick = threadId === 0 && this.#ticks % ticksPerResourceSample === 0;
    const resources = isResourceTick ? await this.#sampleResources() : undefined;
    if (!reporter.hasEnded) this.#report(reporter, resources ? { resources } : {});
    if (this.#budget.lengthenIfOverBudget()) this.#applyInterval();
  }

  #applyInterval(): void {
    for (const reporter of this.#reporters.values()) {
      if (!reporter.hasEnded) void reporter.profiler.setInterval(this.#budget.intervalNs).catch(() => undefined);
    }
  }

  #onStats(threadId: number, stats: ThreadStats): void {
    if (threadId === 0) this.#loopDelayP99Ns = stats.loopDelayP99Ns;
    this.#budget.addRotation(stats.rotationMs);
    this.#budget.addStartWait(stats.startWaitMs);
    for (const [file, url] of stats.sourceMapUrls) this.#sourceMaps.add(file, url);
  }

  #report(reporter: ThreadReporter, extra: { readonly resources?: ResourceSample; readonly bye?: Bye } = {}): void {
    const { connection } = this.#options;
    if (connection.pressure === 'full' && !extra.bye) return;
    const overheadNs = this.#budget.overheadNs(reporter.profiler.threadId);
    const batch = reporter.drainBatch(performance.now() * 1e6, overheadNs, extra);
    if (batch) connection.send(batch);
    reporter.setTimingBudget(this.#budget.budgetRatio * reportIntervalMs * 1e6);
  }

  async #sampleResources(): Promise<ResourceSample> {
    const heap = (await this.#inspector.post('Runtime.getHeapUsage')) as { readonly usedSize?: number } | undefined;
    this.#heapBytes = heap?.usedSize ?? this.#heapBytes;
    const usage = process.resourceUsage();
    return {
      rssBytes: process.memoryUsage.rss(),
      heapBytes: this.#heapBytes,
      peakRssBytes: usage.maxRSS * 1024,
      cpuNs: (usage.userCPUTime + usage.systemCPUTime) * 1000,
      eventLoopDelayP99Ns: this.#loopDelayP99Ns,
      ...(this.#budget.intervalNs > 0 ? { gcNs: this.#gcNs } : {}),
    };
  }
}
