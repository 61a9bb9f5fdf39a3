import { url as inspectorUrl } from 'node:inspector';
import { findSourceMap } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import type { Batch } from '../../protocol/batch/batch.ts';
import type { ExactTarget, ProbeConfig } from '../../protocol/control.ts';
import { GarbageCollectorClock } from '../clocks/garbage-collector-clock.ts';
import { ThreadCpuClock } from '../clocks/thread-cpu-clock.ts';
import { FileInstrumenter, type InstrumentedFile } from '../exact/file-instrumenter.ts';
import { hasCompiler, hookModuleLoading, type TransformCode } from '../exact/module-hooks.ts';
import { hasTestRunner, hookVm } from '../exact/vm-hooks.ts';
import { LoopDelayMonitor } from '../record/loop-delay-monitor.ts';
import { NoticeQueue } from '../record/notice-queue.ts';
import { StackCapture } from '../sampling/interrupt/stack-capture.ts';
import { titlePrefix } from '../sampling/thread-profiler.ts';
import { CodeOwner } from '../source/code-owner.ts';
import { findSourceMapUrl } from '../source/source-map-url.ts';
import type { Conflict } from './conflict.ts';
import { DiagnosticsCounters } from './diagnostics-counters.ts';
import type { SharedFlags } from './shared-flags.ts';
import type { FinalStats, SourceMapUrl, ThreadStats } from './thread-stats.ts';
import { watchChildren } from './watch-children.ts';
import { watchSessions } from './watch-sessions.ts';

interface ThreadAgentOptions {
  readonly config: ProbeConfig;
  /** Folder of the probe's own files. */
  readonly probeFolder: string;
  readonly flags: SharedFlags;
  readonly conflict: Conflict | undefined;
  readonly send: (message: AgentMessage) => void;
}

/** Message that a thread sends to the sampler on its own initiative. */
export interface AgentMessage {
  /** Memory of the exact counters, sent once when the thread creates them. */
  readonly memory?: SharedArrayBuffer;
  /** Functions that have counters now. Sent at once by workers, because a worker can be terminated at any moment. */
  readonly instrumentedFiles?: readonly InstrumentedFile[];
  /** Batch that the program recorded through the probe API. */
  readonly batch?: Batch;
  /** The last message of a thread. */
  readonly final?: FinalStats;
}

/** Time without another profiler or debugger after which sampling resumes. Starting V8's profiler again is expensive. */
const resumeDelayMs = 2000;
const inspectorNotice =
  'Stack sampling pauses while the inspector is open (--inspect, inspector.open or SIGUSR1) because debuggers would receive the samples. Exact timings still work.';
const sessionNotice =
  "Stack sampling pauses while the program uses V8's profiler through an inspector session because it would receive the samples. Exact timings still work.";
const coverageNotice =
  'Functions in files that load while the program collects coverage are not timed exactly because inserted code would change its results. Run without coverage to time them.';

const coverageProblem = 'inserted code would change the coverage that is collected';
const moduleProblem = `its file was not loaded as a CommonJS module, and ES modules can be timed exactly only in Node 22.15 or later (this is ${process.versions.node})`;

/** Maximum number of source maps kept until the sampler requests them. */
const maxSourceMapUrls = 2000;

/**
 * The part of the probe that lives in every thread of the program. It starts and stops CPU profiles for the sampler, and
 * reports what only the thread knows: event-loop delay, source maps and instrumented files.
 *
 * The sampler calls its methods by name, through `Runtime.evaluate`: see `ThreadProfiler`.
 */
export class ThreadAgent {
  // Bound at the start, because programs replace the methods of `console`.
  readonly #startProfile = console.profile.bind(console);
  readonly #endProfile = console.profileEnd.bind(console);
  readonly #now = performance.now.bind(performance);
  readonly #memoryUsage = process.memoryUsage.bind(process);
  readonly #stackCapture = new StackCapture();
  readonly #gcClock = new GarbageCollectorClock();
  readonly #loopDelay = new LoopDelayMonitor();
  readonly #cpuClock = new ThreadCpuClock();
  readonly #diagnostics: DiagnosticsCounters;
  readonly #instrumenter: FileInstrumenter;
  readonly #codeOwner: CodeOwner;
  readonly #flags: SharedFlags;
  readonly #conflict: Conflict | undefined;
  readonly #send: (message: AgentMessage) => void;
  readonly #releaseSessions: () => void;
  readonly #notices = new NoticeQueue();
  /** Messages for the sampler, which starts while the program already runs. */
  readonly #unsentMessages: AgentMessage[] = [];
  readonly #endListeners: (() => void)[] = [];
  readonly #sourceMapUrls: SourceMapUrl[] = [];
  #isHooked = false;
  #hasEnded = false;
  #hasSentMessages = false;
  #startWaitMs = 0;
  /** Title of the CPU profile that is being recorded. */
  #title: string | undefined;
  #profileCount = 0;
  #samplingNs: number;
  #hasFineSampling: boolean;
  #resumeMs = 0;

  constructor({ config, probeFolder, flags, conflict, send }: ThreadAgentOptions) {
    this.#flags = flags;
    this.#conflict = conflict;
    this.#send = send;
    this.#samplingNs = config.samplingNs;
    this.#hasFineSampling = config.hasFineSampling === true;
    if (conflict?.notice && config.samplingNs + config.exact.length > 0) this.#notices.add(conflict.notice);
    this.#codeOwner = new CodeOwner(config.projectRoot ?? config.workspace, probeFolder);
    this.#diagnostics = new DiagnosticsCounters((file) => this.#codeOwner.isUserCode(file));
    this.#instrumenter = new FileInstrumenter(this.#permitted(config), {
      onCounters: (memory) => this.#post({ memory }),
      onFile: () => !isMainThread && this.#post({ instrumentedFiles: this.#instrumenter.drainFiles() }),
    });
    if (this.#leavesOutTimings) this.#instrumenter.reportProblem(coverageProblem, config.exact);
    watchChildren((notice) => this.#notices.add(notice));
    this.#releaseSessions = watchSessions({
      onUse: (change) => {
        flags.addProfilerUsers(change);
        if (change > 0) this.#pauseForSession();
      },
      onCoverage: () => {
        flags.markCoverage();
        if (this.#instrumenter.isActive) this.#notices.add(coverageNotice);
      },
    });
    if (this.#instrumenter.isActive || hasCompiler() || hasTestRunner()) this.#hookLoading(config);
  }

  /** False if the sampler must not even enable V8's profiler: disabling it again would end the collection of coverage. */
  get mayEverSample(): boolean {
    return !this.#conflict;
  }

  /** True if stack sampling disturbs nothing in this thread at the moment. */
  get canSample(): boolean {
    if (this.#hasEnded || this.#conflict || this.#samplingNs === 0) return false;
    if (isMainThread) this.#flags.isInspectorOpen = inspectorUrl() !== undefined;
    const { isInspectorOpen, profilerUserCount } = this.#flags;
    if (!isInspectorOpen && profilerUserCount === 0) return this.#now() >= this.#resumeMs;
    this.#notices.add(isInspectorOpen ? inspectorNotice : sessionNotice);
    this.#resumeMs = this.#now() + resumeDelayMs;
    return false;
  }

  /** Returns the stack that an interrupt has found, as `StackCapture` does. */
  sample(): string | undefined {
    this.#gcClock.tick();
    return this.canSample ? this.#stackCapture.capture() : undefined;
  }

  start(): void {
    if (!this.canSample) return;
    this.#cpuClock.start();
    this.#title = `${titlePrefix}${this.#profileCount++}`;
    this.#startProfile(this.#title);
  }

  stop(): void {
    this.#endCurrentProfile();
  }

  /** Adds the time that the program waited for the sampler before its first line. */
  addStartWait(ms: number): void {
    this.#startWaitMs += ms;
  }

  /** Sends a batch that the program recorded through the probe API. */
  sendBatch(batch: Batch): void {
    this.#post({ batch });
  }

  /** Registers a listener that runs before the thread waits for the sampler at its end. */
  onEnd(listener: () => void): void {
    this.#endListeners.push(listener);
  }

  /** Sends a message, or keeps it until the sampler listens. */
  #post(message: AgentMessage): void {
    this.#hasSentMessages = true;
    this.#unsentMessages.push(message);
    if (this.#flags.isSamplerListening) this.#sendMessages();
  }

  #sendMessages(): void {
    for (const message of this.#unsentMessages.splice(0)) this.#send(message);
  }

  /**
   * Ends sampling at once. V8's signals would otherwise reach the program that replaces this one. Returns what the thread
   * still has to report, or undefined if the sampler asks for it, because V8's profiler delivers its samples only then.
   */
  end(notice?: string): FinalStats | undefined {
    for (const listener of this.#endListeners) listener();
    if (notice) this.#notices.add(notice);
    this.#notePause();
    this.#hasEnded = true;
    this.#loopDelay.close();
    this.#endCurrentProfile();
    this.#releaseSessions();
    if (this.#hasFineSampling) return undefined;
    const stats = this.drainStats();
    return { stats, cpuNs: this.#cpuClock.readNs(), heapBytes: this.#memoryUsage().heapUsed };
  }

  /** Posts the last message of the thread. Returns false if the sampler does not listen yet, so that it must ask for it. */
  sendFinal(final: FinalStats): boolean {
    this.#post({ final });
    return this.#unsentMessages.length === 0;
  }

  /** True if the sampler must answer before the thread may end, because it has to read exact counters or messages. */
  get needsSamplerAtEnd(): boolean {
    return this.#instrumenter.isActive || this.#hasSentMessages;
  }

  /** Starts the next CPU profile before it ends the current one, so that no moment is missed. */
  rotate(): ThreadStats {
    const startMs = this.#now();
    const previous = this.#title;
    this.#title = undefined;
    this.start();
    if (previous !== undefined) this.#endProfile(previous);
    const stats = this.drainStats();
    return { ...stats, rotationMs: this.#now() - startMs };
  }

  drainStats(): ThreadStats {
    const startMs = this.#now();
    if (this.#flags.isSamplerListening) this.#sendMessages();
    const startWaitMs = this.#startWaitMs;
    this.#startWaitMs = 0;
    const stats = {
      startWaitMs,
      ...this.#diagnostics.drain(),
      loopDelayNs: this.#loopDelay.drainNs(),
      turn: this.#stackCapture.readTurn(),
      cpuNs: this.#cpuClock.drainNs(),
      gcNs: this.#gcClock.drainNs(),
      sourceMapUrls: this.#sourceMapUrls.splice(0),
      instrumentedFiles: this.#instrumenter.drainFiles(),
      exactReports: this.#instrumenter.drainReports(),
      notices: this.#notices.drain(),
    };
    return { ...stats, rotationMs: this.#now() - startMs };
  }

  /** Returns the source maps that Node holds for these files, as data URLs. */
  sourceMapsOf(files: readonly string[]): readonly SourceMapUrl[] {
    return files.flatMap((file) => {
      const payload = findSourceMap(file)?.payload;
      return payload ? [[file, `data:application/json,${encodeURIComponent(JSON.stringify(payload))}`] as const] : [];
    });
  }

  configure(config: ProbeConfig): void {
    this.#samplingNs = config.samplingNs;
    this.#hasFineSampling = config.hasFineSampling === true;
    this.#instrumenter.configure(this.#permitted(config));
    if (this.#instrumenter.isActive) this.#hookLoading(config);
  }

  get #leavesOutTimings(): boolean {
    return this.#conflict?.leavesOut === 'samples and timings';
  }

  /** Returns the configuration without exact timings where they would change coverage. */
  #permitted(config: ProbeConfig): ProbeConfig {
    return this.#leavesOutTimings ? { ...config, exact: [] } : config;
  }

  /** Also while the sampler starts, which it may still do when the session is closed again. */
  #pauseForSession(): void {
    this.#endCurrentProfile();
    this.#notePause();
  }

  /** Adds a notice if sampling pauses now. */
  #notePause(): void {
    void this.canSample;
  }

  #endCurrentProfile(): void {
    if (this.#title === undefined) return;
    this.#endProfile(this.#title);
    this.#title = undefined;
  }

  #hookLoading(config: ProbeConfig): void {
    if (this.#isHooked) return;
    this.#isHooked = true;
    const transform: TransformCode = (code, file, kind, placement) => {
      if (!this.#codeOwner.isUserCode(file)) return code;
      const url = placement?.sourceMapUrl ?? findSourceMapUrl(code);
      // Only inline maps are reported, because the sampler finds a map beside the file by itself.
      if (url?.startsWith('data:') && this.#sourceMapUrls.length < maxSourceMapUrls)
        this.#sourceMapUrls.push([file, url]);
      if (!this.#flags.hasCoverage) return this.#instrumenter.instrument(code, file, kind, placement);
      this.#instrumenter.reportProblem(coverageProblem);
      return code;
    };
    const seesModules = hookModuleLoading(transform);
    const isModule = ({ file }: ExactTarget): boolean => !/\.c[jt]s$/.test(file);
    if (!seesModules) this.#instrumenter.reportProblem(moduleProblem, config.exact.filter(isModule));
    hookVm({ transform, prepareContext: (context) => this.#instrumenter.prepareContext(context) });
  }
}
