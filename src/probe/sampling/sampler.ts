import type { Session } from 'node:inspector';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { BroadcastChannel } from 'node:worker_threads';
import type { Bye, ResourceSample } from '../../protocol/batch/batch.ts';
import type { Control, ProbeConfig } from '../../protocol/control.ts';
import { defined } from '../../protocol/defined.ts';
import { countedCallNs, timedCallNs } from '../exact/counting/exact-timing.ts';
import type { HostConnection } from '../link/host-connection.ts';
import { startBeats } from '../link/start-beats.ts';
import type { SharedFlags } from '../preload/shared-flags.ts';
import type { AgentMessage } from '../preload/thread-agent.ts';
import type { FinalStats, ThreadStats } from '../preload/thread-stats.ts';
import { CodeOwner } from '../source/code-owner.ts';
import { SourceMaps } from '../source/source-maps.ts';
import { SourceNames } from '../source/source-names.ts';
import { SourceOutlines } from './fine/source-outlines.ts';
import { evaluate } from './interrupt/evaluate.ts';
import { createRemoteAgent } from './interrupt/remote-agent.ts';
import { OperationRegistry } from './operation-registry.ts';
import { ProcessResources } from './process-resources.ts';
import { SamplingPlan } from './sampling-plan.ts';
import { type Inspector, isProbeProfile, probeKey, remoteAgentKey, ThreadProfiler } from './thread-profiler.ts';
import { ThreadReporter } from './thread-reporter.ts';
import { ThreadSampling } from './thread-sampling.ts';
import { watchWorkers } from './watch-workers.ts';

interface SamplerOptions {
  readonly session: Session;
  readonly connection: HostConnection;
  readonly flags: SharedFlags;
  /** Thread ID of the sampler itself, which is not profiled. */
  readonly ownThreadId: number;
  readonly name: string;
  /** Name of the tool if the program may only start others. */
  readonly launcher: string | undefined;
  readonly wallStartMs: number;
  readonly config: ProbeConfig;
  /** Folder of the probe's own files. */
  readonly probeFolder: string;
  /** True if the program already ran: its threads have no preload, and the sampler leaves before they end. */
  readonly isAttached: boolean;
}

const reportIntervalMs = 250;
/** Maximum time for the threads of a program to remove the agents of a sampler that leaves it. */
const maxRemovalMs = 1000;
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
  readonly #sourceNames = new SourceNames();
  readonly #outlines: SourceOutlines;
  readonly #codeOwner: CodeOwner;
  readonly #plan: SamplingPlan;
  /** Messages of threads that have no reporter yet. */
  readonly #earlyMessages = new Map<number, readonly AgentMessage[]>();
  readonly #resources: ProcessResources;
  readonly #samplings = new Map<number, ThreadSampling>();
  /** Settles when the sampler leaves a program to which it is attached. */
  readonly #detachment = createDetachment();

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#sourceMaps = new SourceMaps(options.config.workspace);
    this.#outlines = new SourceOutlines(this.#sourceMaps);
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
    this.#resources = new ProcessResources(this.#inspector, options);
  }

  /** Resolves once the main thread has ended and everything has been sent. */
  async run(): Promise<void> {
    const { session, flags, ownThreadId } = this.#options;
    session.on('Profiler.consoleProfileFinished', ({ params }: { params: unknown }) => this.#onProfile(0, params));
    const channel = new BroadcastChannel(`${probeKey} ${process.pid}`);
    channel.onmessage = (event) => this.#onAgentMessage(event as { readonly data: unknown });
    flags.markSamplerListening();
    const { isAttached } = this.#options;
    const mainThreadEnd = this.#profileThread(0, this.#inspector, isAttached ? this.#detachment.ended : undefined);
    await watchWorkers(session, ownThreadId, {
      onAttached: (threadId, inspector, ended) =>
        void this.#profileThread(threadId, inspector, ended).catch(() => undefined),
      onProfile: (threadId, parameters) => this.#onProfile(threadId, parameters),
    }).catch(() => undefined);
    await mainThreadEnd;
    channel.close();
    for (const reporter of this.#reporters.values())
      if (!reporter.hasEnded) this.#report(reporter, { bye: { reason: 'end' } });
    if (isAttached) await this.#removeAgents();
    if (isAttached) await this.#inspector.post('NodeWorker.disable').catch(() => undefined);
    session.disconnect();
    await this.#options.connection.close();
    flags.markDone(0);
  }

  handleControl(control: Control): void {
    if (control.type === 'flush') this.#tick();
    if (control.type === 'stop') this.detach();
    if (control.type === 'closeInspector') void this.#closeInspector();
    if (control.type !== 'wish') return;
    const config = control.wishes;
    this.#plan.configure(config);
    for (const { profiler } of this.#reporters.values()) void profiler.configure(config).catch(() => undefined);
    this.#applyInterval();
  }

  /** Leaves a program to which it is attached. Other programs are sampled until they end. */
  detach(): void {
    this.#detachment.end();
  }

  /** Profiles a thread from its start. Resolves once the thread has ended and its last batch is on its way. */
  async #profileThread(threadId: number, inspector: Inspector, workerEnd?: Promise<void>): Promise<void> {
    const { flags } = this.#options;
    const isPreloaded = await Promise.race([
      flags.waitUntilPresent(threadId).then(() => true),
      ...(workerEnd && flags.maySampleRemotely
        ? [createRemoteAgent(inspector, this.#options.probeFolder).then(() => false)]
        : []),
    ]);
    // A short worker may have ended and been reported meanwhile, and a short program reports its end itself.
    if (this.#reporters.has(threadId) || flags.hasLeft(threadId)) return workerEnd;
    const reporter = this.#createReporter(
      new ThreadProfiler(threadId, inspector, isPreloaded ? probeKey : remoteAgentKey),
    );
    if (!isPreloaded && this.#options.config.exact.length > 0) this.#addNotice(remoteNotice);
    const sampling = new ThreadSampling(reporter, { plan: this.#plan, flags, isAttached: this.#options.isAttached });
    this.#samplings.set(threadId, sampling);
    await sampling.start();
    const threadEnd = isPreloaded ? flags.markRunning(threadId) : undefined;
    if (flags.hasLeft(threadId)) return;
    this.#report(reporter);
    const stopBeats = startBeats(() => void this.#update(threadId, reporter).catch(() => undefined));
    const isReachable = await Promise.race([
      ...(threadEnd ? [threadEnd.then(() => true)] : []),
      // A worker that ends by itself may be gone before its flag is seen.
      ...(workerEnd ? [workerEnd.then(() => isPreloaded && flags.hasEnded(threadId))] : []),
    ]);
    stopBeats();
    if (sampling.end() === 'too short') this.#addNotice(lateSamplingNotice);
    this.#samplings.delete(threadId);
    // A terminated worker does not wait, but its counters are still there.
    if (isPreloaded && !isReachable) this.#addNotice(terminationNotice);
    const final = await reporter.finish((stats) => this.#onStats(threadId, stats), isReachable);
    sampling.addRest(final?.cpuNs);
    // Messages that the thread sent with its last answer arrive in the next turn of the event loop.
    await nextTurn();
    // A program that ends before the first tick has not reported its resources yet.
    const resources = threadId === 0 ? { resources: await this.#resources.sample(final) } : {};
    this.#report(reporter, { ...resources, bye: { reason: 'end' } });
    if (threadId !== 0) flags.markDone(threadId);
  }

  #createReporter(profiler: ThreadProfiler): ThreadReporter {
    const { threadId } = profiler;
    const { name, launcher, wallStartMs } = this.#options;
    const operations = new OperationRegistry(this.#codeOwner, this.#sourceMaps, this.#sourceNames);
    const reporter = new ThreadReporter(profiler, operations, this.#outlines, {
      pid: process.pid,
      ppid: process.ppid,
      threadId,
      runtime: `node ${process.versions.node}`,
      name: threadId === 0 ? name : `${name} #${threadId}`,
      ...defined({ launcher }),
      wallStartMs,
      recordNs: timedCallNs,
      countNs: countedCallNs,
    });
    this.#reporters.set(threadId, reporter);
    for (const message of this.#earlyMessages.get(threadId) ?? []) reporter.receive(message);
    this.#earlyMessages.delete(threadId);
    return reporter;
  }

  /** Reports a worker that has ended before the sampler has reached it. */
  async #reportShortWorker(threadId: number, final: FinalStats): Promise<void> {
    const unreachable: Inspector = { post: () => Promise.reject(new Error('the worker has ended')) };
    const reporter = this.#createReporter(new ThreadProfiler(threadId, unreachable));
    reporter.receive({ final });
    await reporter.finish((finalStats) => this.#onStats(threadId, finalStats), false);
    if (this.#plan.intervalNs > 0) reporter.stacks.addUnsampled(final.cpuNs ?? 0);
    this.#report(reporter, { bye: { reason: 'end' } });
    this.#options.flags.markDone(threadId);
  }

  async #closeInspector(): Promise<void> {
    const expression = "require('node:inspector').close()";
    await evaluate(this.#inspector, { expression, includeCommandLineAPI: true }).catch(() => undefined);
  }

  /** A thread that is blocked in a system call keeps its agent, which does nothing unless it is called. */
  async #removeAgents(): Promise<void> {
    const removals = [...this.#reporters.values()].map(({ profiler }) => profiler.removeAgent());
    await Promise.race([Promise.allSettled(removals), sleep(maxRemovalMs)]);
  }

  #onAgentMessage({ data }: { readonly data: unknown }): void {
    const { threadId, ...message } = data as AgentMessage & { readonly threadId: number };
    const { batch } = message;
    const reporter = this.#reporters.get(threadId);
    if (!batch) {
      if (reporter) reporter.receive(message);
      else if (message.final) void this.#reportShortWorker(threadId, message.final).catch(() => undefined);
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
    const resources = threadId === 0 && this.#resources.isDue ? await this.#resources.sample() : undefined;
    if (!reporter.hasEnded) this.#report(reporter, resources ? { resources } : {});
    if (this.#plan.lengthenIfOverBudget()) this.#applyInterval();
  }

  #applyInterval(): void {
    for (const sampling of this.#samplings.values()) void sampling.applyInterval().catch(() => undefined);
  }

  /** Notices of all threads are sent with the main thread's batches, so that each is sent once. */
  #addNotice(notice: string): void {
    this.#reporters.get(0)?.addNotice(notice);
  }

  #onStats(threadId: number, stats: ThreadStats): void {
    this.#resources.addStats(threadId, stats);
    this.#samplings.get(threadId)?.addTurn(stats.turn);
    this.#plan.addReport(stats.rotationMs);
    this.#plan.addStartWait(stats.startWaitMs);
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
}

function createDetachment(): { readonly ended: Promise<void>; readonly end: () => void } {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { ended, end };
}
