/** Runs one pipeline or program at a time, records it and publishes snapshots. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { HumanError, messageOf } from '../core/human-error.ts';
import { defaultThresholds, type Thresholds } from '../core/snapshot/health.ts';
import { sampleTree } from '../process/sample-tree.ts';
import type { ProbeConfig } from '../protocol/control.ts';
import { defined } from '../protocol/defined.ts';
import type { Phase } from '../protocol/panel/panel-message.ts';
import type { Snapshot } from '../protocol/snapshot.ts';
import { type DetachedRun, findDetachedRun, startDetached } from './detached/detached-run.ts';
import { eventsFor } from './detached/run-events.ts';
import { removeRunNote } from './detached/run-note.ts';
import { canOutliveHost } from './detached/serializable-launch.ts';
import { readGitState } from './git.ts';
import { buildPipelineLaunch, type EnvironmentListener, type LaunchSpec } from './run/launch-spec.ts';
import type { Pipeline } from './run/pipelines.ts';
import { Recording } from './run/recording.ts';
import type { RunExit } from './run/run-process.ts';
import { type RunHandle, startRun } from './run/start-run.ts';
import { createRunSpan } from './run/trace-context.ts';
import type { SessionState } from './session-state.ts';

const updateIntervalMs = 250;

export interface SessionOptions {
  readonly log: (line: string) => void;
  /** Folder of the built bundles. */
  readonly dist: string;
  /** Folder for data that is kept between runs. */
  readonly data: string;
  readonly thresholds?: () => Thresholds;
  /** Programs outlive this process for a limited time, so that the next host can resume their runs (see `resumeRun`). */
  readonly survivesHost?: boolean;
  /** Receives everything that a program prints. Without it, the beginning is logged. */
  readonly onOutput?: (text: string) => void;
}

/** A run that an earlier host had started. */
export interface ResumedRun {
  readonly launch: LaunchSpec;
  /** Settles like the result of `Session.launch`. */
  readonly snapshot: Promise<Snapshot>;
}

export interface RunOptions {
  /** Discards what the pipeline has kept from earlier runs. */
  readonly cold?: boolean;
  /** File to which the pipeline writes its result. */
  readonly result?: string;
  /** Additional arguments of the pipeline. */
  readonly args?: readonly string[];
}

/** Default probe configuration: one stack sample per millisecond, with a measuring overhead of at most 1 %. */
export const defaultProbeConfig: Omit<ProbeConfig, 'workspace'> = { samplingNs: 1e6, exact: [], budgetRatio: 0.01 };

export class Session {
  readonly #options: SessionOptions;
  readonly #listeners = new Set<() => void>();
  #state: SessionState = { phase: 'idle' };
  #snapshot: Snapshot | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get phase(): Phase {
    return this.#state.phase;
  }

  /** True if the snapshot of the current run is frozen. */
  get paused(): boolean {
    return 'isPaused' in this.#state && this.#state.isPaused;
  }

  /** Message about the failure of the last run, or undefined if it did not fail. */
  get problem(): string | undefined {
    return this.#state.phase === 'failed' ? this.#state.problem : undefined;
  }

  /** The newest snapshot. It is frozen while the session is paused, and kept after the run. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** Runs a built-in pipeline on a workspace. Settles like `launch`. */
  run(pipeline: Pipeline, workspace: string, options: RunOptions = {}): Promise<Snapshot> {
    const { dist, data } = this.#options;
    return this.launch(buildPipelineLaunch(pipeline, { dist, data, workspace, ...options }));
  }

  /**
   * Starts and records a run. Resolves with the last snapshot once the run has ended, whether it succeeded or not (see
   * `snapshot.run.result` and `.message`). Rejects with a HumanError if the run could not be started.
   */
  async launch(launch: LaunchSpec, probeConfig: Partial<ProbeConfig> = {}): Promise<Snapshot> {
    if (this.#isBusy) {
      const title = this.#state.recording?.run.title ?? 'A pipeline';
      throw new HumanError(`${title} is already running. Stop it first.`);
    }
    this.#begin();
    return this.#track(() => this.#start(launch, probeConfig));
  }

  /**
   * Continues a run that an earlier process with the same data folder has left. Returns undefined if there is none.
   * @param maxWaitMs maximum time to wait for a run that another host still holds
   */
  async resumeRun(onEnvironment: EnvironmentListener, maxWaitMs = 0): Promise<ResumedRun | undefined> {
    const { data, log } = this.#options;
    const resumed = await findDetachedRun({
      data,
      log,
      maxWaitMs,
      onEnvironment,
      isWanted: () => !this.#isBusy,
      createRecording: ({ launch, run, startedAt }) => new Recording(launch.pipeline, run, log, Date.parse(startedAt)),
      createEvents: (recording, launch) => eventsFor(recording, launch, this.#options),
    });
    if (!resumed) return undefined;
    this.#begin();
    return { launch: resumed.launch, snapshot: this.#track(async () => resumed) };
  }

  /** Sends a new configuration to the probes of the current run. */
  configure(probeConfig: ProbeConfig): void {
    if ('handle' in this.#state) this.#state.handle.configure(probeConfig);
  }

  /** Ends the current run and all its processes. The recorded data is kept. */
  async stop(): Promise<void> {
    if (this.#state.phase === 'starting') this.#state = { ...this.#state, isStopRequested: true };
    if (this.#state.phase !== 'running') return;
    this.#setState({ ...this.#state, phase: 'stopping' });
    await this.#state.handle.child.stop();
  }

  /** Sends a signal to the program of the current run, but not to its descendants. */
  forwardSignal(name: NodeJS.Signals): void {
    if ('handle' in this.#state) this.#state.handle.child.kill(name);
  }

  /** Freezes the snapshot. The run continues to be recorded. */
  pause(): void {
    if ('isPaused' in this.#state) this.#state = { ...this.#state, isPaused: true };
    this.#notify();
  }

  /** Continues to update the snapshot after `pause`. */
  resume(): void {
    if ('isPaused' in this.#state) this.#state = { ...this.#state, isPaused: false };
    this.#updateSnapshot();
  }

  /** Discards the data of the last run. Does not affect a run in progress. */
  clear(): void {
    if (this.#isBusy) return;
    this.#snapshot = undefined;
    this.#setState({ phase: 'idle' });
  }

  /** Returns an up-to-date snapshot with all histograms, even while paused. Throws a HumanError if there is no data. */
  exportSnapshot(): Snapshot {
    const { recording } = this.#state;
    if (!recording) throw new HumanError('No data to export yet. Profile a pipeline or a program first.');
    return recording.snapshot(this.#thresholds(), 'whole');
  }

  /** Registers a listener for changes of the snapshot or the phase, which is called a few times per second at most. */
  onChange(listener: () => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  /** Ends the current run, unless its program can outlive this process. */
  dispose(): void {
    this.#listeners.clear();
    if ('updateTimer' in this.#state) clearInterval(this.#state.updateTimer);
    if ('handle' in this.#state && this.#state.handle.detach) this.#state.handle.detach();
    else void this.stop();
  }

  get #isBusy(): boolean {
    return this.#state.phase !== 'idle' && this.#state.phase !== 'failed';
  }

  #begin(): void {
    const { recording } = this.#state;
    this.#setState({ phase: 'starting', ...defined({ recording }), isPaused: false, isStopRequested: false });
  }

  /** Follows a run from its start to its end. */
  async #track(start: () => Promise<Pick<DetachedRun, 'recording' | 'handle'>>): Promise<Snapshot> {
    try {
      const { recording, handle } = await start();
      const isStopRequested = this.#state.phase === 'starting' && this.#state.isStopRequested;
      const updateTimer = this.#startUpdates(recording, handle);
      this.#setState({ phase: 'running', recording, handle, updateTimer, isPaused: this.paused });
      if (isStopRequested) void this.stop();
      const exit = await handle.ended.finally(() => {
        clearInterval(updateTimer);
        if (handle.detach) removeRunNote(this.#options.data, recording.run.id);
      });
      return this.#finish(recording, exit);
    } catch (error) {
      const { recording } = this.#state;
      this.#setState({ phase: 'failed', ...defined({ recording }), problem: messageOf(error) });
      throw error;
    }
  }

  async #start(
    launch: LaunchSpec,
    probeConfig: Partial<ProbeConfig>,
  ): Promise<Pick<DetachedRun, 'recording' | 'handle'>> {
    const { pipeline, workspace, start } = launch;
    if (!existsSync(workspace)) throw new HumanError(`Folder not found: ${workspace}. Select another folder.`);
    if (start.kind === 'module' && !existsSync(start.module)) {
      throw new HumanError(
        `This installation is incomplete: ${start.module} of ${pipeline.title} is missing. Reinstall Pipescope.`,
      );
    }
    const runId = randomUUID();
    const span = createRunSpan();
    const { title, unit } = pipeline;
    const run = {
      id: runId,
      pipeline: pipeline.id,
      title,
      workspace,
      trace: { traceId: span.traceId, spanId: span.spanId },
      ...defined({ git: await readGitState(workspace), unit }),
    };
    this.#options.log(`starting ${pipeline.id} on ${workspace} (run ${runId})`);
    const recording = new Recording(pipeline, run, this.#options.log);
    const { dist, data, survivesHost = false } = this.#options;
    const events = eventsFor(recording, launch, this.#options);
    const options = { runId, span, dist, probeConfig: { ...defaultProbeConfig, workspace, ...probeConfig } };
    const handle =
      survivesHost && canOutliveHost(launch)
        ? await startDetached(launch, { ...options, data, recording }, events)
        : await startRun(launch, { ...options, ...events });
    return { recording, handle };
  }

  /** Samples the process tree and updates the snapshot at a fixed interval. */
  #startUpdates(recording: Recording, { child }: RunHandle): NodeJS.Timeout {
    let isSampling = false;
    return setInterval(async () => {
      // On a slow system, sampling may take longer than the interval; do not sample twice at the same time.
      if (isSampling) return;
      isSampling = true;
      const sample = child.pid === undefined ? undefined : await sampleTree(child.pid);
      isSampling = false;
      if (sample) recording.sampleTree(sample);
      this.#updateSnapshot();
    }, updateIntervalMs);
  }

  #finish(recording: Recording, exit: RunExit): Snapshot {
    const { pipeline, result, message } = recording.finish(exit);
    const problem = result === 'failure' || result === 'error' ? message : undefined;
    this.#options.log(`${pipeline} ended: ${result}${message ? `: ${message}` : ''}`);
    const snapshot = recording.snapshot(this.#thresholds(), 'live');
    this.#snapshot = snapshot;
    this.#setState(problem === undefined ? { phase: 'idle', recording } : { phase: 'failed', recording, problem });
    return snapshot;
  }

  #updateSnapshot(): void {
    const { recording } = this.#state;
    if (recording && !this.paused) this.#snapshot = recording.snapshot(this.#thresholds(), 'live');
    this.#notify();
  }

  #thresholds(): Thresholds {
    return this.#options.thresholds?.() ?? defaultThresholds;
  }

  #setState(state: SessionState): void {
    this.#state = state;
    this.#notify();
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
