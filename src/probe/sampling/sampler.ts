/** Watches every thread of a program: gives each its recordings, and reports on a beat until the last has ended. */
import type { Session } from 'node:inspector';
import { BroadcastChannel } from 'node:worker_threads';
import type { Control, Wishes } from '../../protocol/control.ts';
import type { Bye, ResourceSample } from '../../protocol/event.ts';
import { timedCallNs } from '../exact/exact-timing.ts';
import type { Wire } from '../link/wire.ts';
import type { Flags } from '../preload/shared-flags.ts';
import type { Word } from '../preload/thread-agent.ts';
import type { Vitals } from '../preload/thread-stats.ts';
import { watchWorkers } from '../preload/watch-workers.ts';
import { Owner } from '../source/code-owner.ts';
import { Origins } from '../source/source-maps.ts';
import type { CpuProfile } from './fold-profile.ts';
import { Roster } from './operation-registry.ts';
import { Expense } from './sampling-budget.ts';
import { anchor, type Inspector, isOurs, Subject } from './thread-profiler.ts';
import { Thread } from './thread-reporter.ts';

export interface ObserverOptions {
  readonly session: Session;
  readonly wire: Wire;
  readonly flags: Flags;
  readonly ownThread: number;
  readonly name: string;
  readonly wallStartMs: number;
  readonly wishes: Wishes;
  /** Folder of the probe's own files. */
  readonly home: string;
}

const beatMs = 250;
/** Beats between two looks at the process's resources. */
const resourceBeats = 2;

export class Observer {
  readonly #options: ObserverOptions;
  readonly #threads = new Map<number, Thread>();
  readonly #origins: Origins;
  readonly #owner: Owner;
  readonly #expense: Expense;
  /** Counters that came before their thread could be looked at. */
  readonly #memories = new Map<number, SharedArrayBuffer>();
  #beats = 0;
  #delayNs = 0;
  #heapBytes = 0;
  #gcNs = 0;
  readonly #inspector: Inspector;

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#origins = new Origins(options.wishes.workspace);
    this.#owner = new Owner(options.wishes.workspace, options.home);
    this.#expense = new Expense(options.wishes);
    this.#inspector = {
      post: (method, parameters) =>
        new Promise((done, fail) =>
          options.session.post(method, parameters, (error: Error | null, result?: object) =>
            error ? fail(error) : done(result),
          ),
        ),
    };
  }

  /** Resolves when the main thread has ended and all has been said. */
  async run(): Promise<void> {
    const { session, flags, ownThread } = this.#options;
    session.on('Profiler.consoleProfileFinished', ({ params }: { params: unknown }) => this.#recorded(0, params));
    const channel = new BroadcastChannel(`${anchor} ${process.pid}`);
    channel.onmessage = (event) => this.#hear(event as { readonly data: unknown });
    const ended = this.#watch(0, this.#inspector);
    await watchWorkers(session, ownThread, {
      attached: (threadId, inspector) => void this.#watch(threadId, inspector).catch(() => undefined),
      recorded: (threadId, told) => this.#recorded(threadId, told),
    }).catch(() => undefined);
    const timer = setInterval(() => this.#beat(), beatMs);
    await ended;
    clearInterval(timer);
    channel.close();
    for (const thread of this.#threads.values()) if (!thread.ended) this.#report(thread, { bye: { reason: 'end' } });
    session.disconnect();
    await this.#options.wire.close();
    flags.done(0);
  }

  obey(control: Control): void {
    if (control.type === 'flush') this.#beat();
    if (control.type !== 'wish') return;
    this.#expense.wish(control.wishes);
    for (const thread of this.#threads.values()) void thread.subject.wish(control.wishes).catch(() => undefined);
    this.#tune();
  }

  /** Resolves when the thread has ended and its last was reported. */
  async #watch(threadId: number, inspector: Inspector): Promise<void> {
    const { flags, name, wallStartMs } = this.#options;
    await flags.present(threadId);
    const thread = new Thread(new Subject(threadId, inspector), new Roster(this.#owner, this.#origins), {
      pid: process.pid,
      ppid: process.ppid,
      threadId,
      runtime: `node ${process.versions.node}`,
      name: threadId === 0 ? name : `${name} #${threadId}`,
      wallStartMs,
      recordNs: timedCallNs,
    });
    this.#threads.set(threadId, thread);
    const memory = this.#memories.get(threadId);
    if (memory) thread.share(memory);
    await thread.subject.look(this.#expense.intervalNs);
    this.#report(thread);
    await flags.started(threadId);
    await thread.finish((vitals) => this.#heard(threadId, vitals));
    this.#gcNs += thread.takeGcNs();
    // A program shorter than a beat has said nothing of its process yet.
    const resources = threadId === 0 ? { resources: await this.#resources() } : {};
    this.#report(thread, { ...resources, bye: { reason: 'end' } });
    if (threadId !== 0) flags.done(threadId);
  }

  #hear({ data }: { readonly data: unknown }): void {
    const { threadId, memory, batch } = data as Word & { readonly threadId: number };
    const thread = this.#threads.get(threadId);
    if (memory) this.#memories.set(threadId, memory);
    if (memory) thread?.share(memory);
    if (batch && thread) this.#options.wire.send(thread.adopt(batch));
  }

  #recorded(threadId: number, told: unknown): void {
    if (isOurs(told)) this.#threads.get(threadId)?.recorded(told.profile as CpuProfile);
  }

  #beat(): void {
    this.#beats++;
    for (const [threadId, thread] of this.#threads) void this.#turn(threadId, thread).catch(() => undefined);
  }

  async #turn(threadId: number, thread: Thread): Promise<void> {
    if (thread.ended) return;
    // A thread that does not answer in time is reported with what is known of it.
    const late = setTimeout(() => this.#report(thread), beatMs / 2);
    const turned = await thread.turn((vitals) => this.#heard(threadId, vitals)).finally(() => clearTimeout(late));
    if (!turned) return;
    this.#expense.looked(thread.takeLooks());
    this.#gcNs += thread.takeGcNs();
    const resources = threadId === 0 && this.#beats % resourceBeats === 0 ? await this.#resources() : undefined;
    if (!thread.ended) this.#report(thread, resources ? { resources } : {});
    if (this.#expense.isTooMuch()) this.#tune();
  }

  #tune(): void {
    for (const thread of this.#threads.values()) {
      if (!thread.ended) void thread.subject.look(this.#expense.intervalNs).catch(() => undefined);
    }
  }

  #heard(threadId: number, vitals: Vitals): void {
    if (threadId === 0) this.#delayNs = vitals.delayNs;
    this.#expense.spent(vitals.spentMs);
    this.#expense.began(vitals.startMs);
    for (const [file, map] of vitals.maps) this.#origins.learn(file, map);
  }

  #report(thread: Thread, more: { readonly resources?: ResourceSample; readonly bye?: Bye } = {}): void {
    const { wire } = this.#options;
    if (wire.pressure === 'full' && !more.bye) return;
    const batch = thread.batch(performance.now() * 1e6, this.#expense.flushNs(thread.subject.threadId), more);
    if (batch) wire.send(batch);
    thread.budget(this.#expense.budgetRatio * beatMs * 1e6);
  }

  async #resources(): Promise<ResourceSample> {
    const heap = (await this.#inspector.post('Runtime.getHeapUsage')) as { readonly usedSize?: number } | undefined;
    this.#heapBytes = heap?.usedSize ?? this.#heapBytes;
    const use = process.resourceUsage();
    return {
      rssBytes: process.memoryUsage.rss(),
      heapBytes: this.#heapBytes,
      peakRssBytes: use.maxRSS * 1024,
      cpuNs: (use.userCPUTime + use.systemCPUTime) * 1000,
      eventLoopDelayP99Ns: this.#delayNs,
      ...(this.#expense.intervalNs > 0 ? { gcNs: this.#gcNs } : {}),
    };
  }
}
